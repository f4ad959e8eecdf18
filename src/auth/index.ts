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
export {
  type GuardedContext,
  guardSchema,
  type Requirement,
  requirementsOf,
} from './directives.ts';
export { AuthError, type AuthErrorReason, authErrors } from './errors.ts';
export { authGuards, type Guard, type Guards, signedIn } from './guards.ts';
export {
  createKeyRing,
  type Key,
  type KeyRing,
  type KeySources,
  publicKeySet,
  type TokenKind,
} from './keys.ts';
export { needsAuthentication } from './operation.ts';
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
