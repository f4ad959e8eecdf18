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
export { type Challenge, toChallenge } from './challenge.ts';
export {
  type GuardedContext,
  guardSchema,
  requirementsOf,
} from './directives.ts';
export { AuthError, type AuthErrorReason, authErrors } from './errors.ts';
export {
  authGuards,
  type Check,
  combineGuards,
  type Guard,
  type Guards,
  type Requirement,
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
export {
  describeAccess,
  judgeOperation,
  type OperationAccess,
  rootFields,
} from './operation.ts';
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
