export {
  type AdditionalClaims,
  type ClaimsToAdd,
  type ReservedClaim,
  reservedClaims,
} from './additionalClaims.ts';
export { createApiToken, hashApiToken, isApiToken } from './apiTokens.ts';
export { assertGuarded } from './assertGuarded.ts';
export { authenticate, type LoadedUser, type Loaders, type Verifiers } from './authenticate.ts';
export {
  type Anonymous,
  type Authenticated,
  type Authentication,
  anonymous,
  type GuardedContext,
  type Rejected,
} from './authentication.ts';
export { type Bearer, readBearer } from './bearer.ts';
export { callers, rejectedCallers } from './callers.ts';
export { type Challenge, toChallenge } from './challenge.ts';
export type { AccessClaims, RefreshClaims } from './claims.ts';
export { AuthError, type AuthErrorReason, authErrors } from './errors.ts';
export { type Check, type FieldChecks, judgeField, type SeeingCheck } from './fieldChecks.ts';
export {
  type ForeignToken,
  type Issuers,
  IssuerUnreachable,
  type VerifiedForeign,
} from './foreignTokens.ts';
export type { Admission, Asked, GateContext } from './gate/admit.ts';
export {
  createGate,
  type Gate,
  type GateSettings,
  type KeySource,
  type TokenHolder,
} from './gate/createGate.ts';
export type { SchemaSource } from './gate/guardedSource.ts';
export type { TypeDefs } from './gate/typeDefinitions.ts';
export type { Resolvers } from './gate/withResolvers.ts';
export {
  type ArgumentGuard,
  type Arguments,
  argumentGuard,
  type CallerGuard,
  type DescribedGuard,
  describeGuard,
  dryRun,
  type Guard,
  type Guards,
  isGuard,
  type ObjectGuard,
  objectGuard,
  signedIn,
} from './guardKinds.ts';
export {
  accessOf,
  type FieldAccess,
  type GuardSettings,
  guardSchema,
} from './guardSchema.ts';
export { authGuards } from './guards.ts';
export { findIssuerProblem, findUrlProblem } from './issuerUrl.ts';
export {
  createKeyRing,
  type Key,
  type KeyRing,
  type KeySources,
  publicKeySet,
  type TokenKind,
} from './keys.ts';
export { type CoordinateAccess, mapAccess, type Reach } from './map/accessMap.ts';
export { printAccessMap } from './map/accessMapPage.ts';
export { type Explanation, explainOperation, type FieldExplanation } from './map/explain.ts';
export { findLosses, type Loss, printLoss } from './map/losses.ts';
export { findUnforeseen, printUnforeseen, type Unforeseen } from './map/unforeseen.ts';
export {
  describeAccess,
  judgeOperation,
  type OperationAccess,
} from './operationAccess.ts';
export type { PartOfProof } from './proof/partOfProof.ts';
export { type AccessProof, type ProofSettings, proveAccess } from './proof/proveAccess.ts';
export type { OnRefusal, Refused } from './refused.ts';
export { effectiveRequirements, printRequirement, type Requirement } from './requirements.ts';
export { scopesOf } from './scopesOf.ts';
export { fieldsOn } from './selections.ts';
export {
  createTokens,
  type TokenMemory,
  type TokenSettings,
  type Tokens,
  toSeconds,
  type Verified,
} from './tokens.ts';
export { authTypeDefs } from './typeDefs.ts';
