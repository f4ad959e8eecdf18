import {
  type AccessClaims,
  AuthError,
  type AuthErrorReason,
  type Authentication,
  authenticate,
  type LoadedUser,
  type Tokens,
} from '@sallyport/guards';
import type { TokenCookies } from './tokenCookies.ts';

/** What is wrong with an access cookie for good, whoever sends it. One that has run out is exchanged for the next. */
const finalReasons: ReadonlySet<AuthErrorReason> = new Set([
  'TOKEN_INVALID',
  'TOKEN_WRONG_TYPE',
  'TOKEN_REVOKED',
  'USER_NOT_FOUND',
  'USER_INACTIVE',
]);

/**
 * Finds out who the caller is by the access cookie, which browsers send with whatever any page asks for: only pages of
 * our own may use it, and what is more than a query has to repeat the token's `csrf` claim in `X-CSRF-TOKEN`. Until
 * that is right, no user is loaded. A pair that is given to such a caller travels in cookies too.
 */
export async function identifyByCookie<User>(
  cookies: TokenCookies,
  {
    tokens,
    now,
    isQuery,
    loadUser,
  }: {
    tokens: Tokens;
    now: Date;
    isQuery: boolean;
    loadUser: (claims: AccessClaims) => Promise<LoadedUser<User>>;
  },
): Promise<Authentication<User>> {
  const { access, page } = cookies;
  if (page !== 'own') return rejected('CSRF_FAILED');
  if (!isQuery && cookies.csrfProtect && typeof access === 'object') {
    const verified = tokens.verifyAccess(access.token, now);
    if ('claims' in verified && !cookies.matchesCsrf(verified.claims.csrf)) {
      return rejected('CSRF_FAILED');
    }
  }
  // API tokens are for headers: no loader finds the user of one here.
  const authentication = await authenticate(access, { tokens, now, loaders: { loadUser } });
  if (authentication.status === 'authenticated') cookies.goOn();
  if (authentication.status === 'rejected' && finalReasons.has(authentication.error.reason)) {
    cookies.clear('access');
  }
  return authentication;
}

function rejected(reason: AuthErrorReason): Authentication<never> {
  return { status: 'rejected', error: new AuthError(reason) };
}
