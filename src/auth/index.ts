export { createApiToken, hashApiToken, isApiToken } from './apiTokens.ts';
export {
  type Anonymous,
  type Authenticated,
  type Authentication,
  anonymous,
  authenticate,
  type Bearer,
  type LoadedUser,
  type Loaders,
  type Rejected,
  readBearer,
} from './authentication.ts';
export { callers, rejectedCallers } from './callers.ts';
export { type Challenge, toChallenge } from './challenge.ts';
export {
  accessOf,
  type FieldAccess,
  type GuardedContext,
  guardSchema,
} from './directives.ts';
export { AuthError, type AuthErrorReason, authErrors } from './errors.ts';
export {
  authGuards,
  type Check,
  type Guard,
  type Guards,
  signedIn,
} from './guards.ts';
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
export {
  describeAccess,
  judgeOperation,
  type OperationAccess,
} from './operation.ts';
export { type AccessProof, proveAccess } from './proof/proveAccess.ts';
export { effectiveRequirements, printRequirement, type Requirement } from './requirements.ts';
export { fieldsOn } from './selections.ts';
export {
  type AccessClaims,
  createTokens,
  type RefreshClaims,
  type TokenSettings,
  type Tokens,
  tokenProblem,
  toSeconds,
  type Verified,
} from './tokens.ts';
export { authTypeDefs } from './typeDefs.ts';
