import {
  AuthError,
  type AuthErrorReason,
  type Bearer,
  type RefreshClaims,
  type Tokens,
} from '@sallyport/guards';
import type { Context } from '../context.ts';

/** After these, a token will never be accepted again. */
const finalReasons: ReadonlySet<AuthErrorReason> = new Set([
  'TOKEN_EXPIRED',
  'TOKEN_INVALID',
  'TOKEN_WRONG_TYPE',
  'TOKEN_REVOKED',
  'TOKEN_REUSED',
  'USER_NOT_FOUND',
  'USER_INACTIVE',
]);

/**
 * Works with the token that `refresh` and `logout` are about: that of the argument, else that of the header, else that
 * of the refresh cookie. Clients often go on sending a header with an expired access token, so the argument wins. A
 * cookie counts only for pages of our own, and one that is refused for good is emptied.
 *
 * @throws AuthError when there is none, or it is not good
 */
export async function withSentToken<Result>(
  argument: string | null | undefined,
  context: Pick<Context, 'bearer' | 'cookies' | 'now'> & { verify: Tokens['verifyRefresh'] },
  use: (claims: RefreshClaims) => Promise<Result>,
): Promise<Result> {
  const { bearer, cookies } = context;
  if (argument != null) return await use(readClaims({ token: argument }, context));
  if (bearer !== 'absent' || !cookies || cookies.refresh === 'absent') {
    return await use(readClaims(bearer, context));
  }
  if (cookies.page !== 'own') throw new AuthError('CSRF_FAILED');
  cookies.goOn();
  try {
    return await use(readClaims(cookies.refresh, context));
  } catch (error) {
    if (error instanceof AuthError && finalReasons.has(error.reason)) cookies.clear();
    throw error;
  }
}

function readClaims(
  sent: Bearer,
  { now, verify }: Pick<Context, 'now'> & { verify: Tokens['verifyRefresh'] },
): RefreshClaims {
  if (sent === 'absent') {
    throw new AuthError('TOKEN_MISSING', { message: 'Sign in first: no token was sent.' });
  }
  if (sent === 'malformed') throw new AuthError('TOKEN_INVALID');
  const verified = verify(sent.token, now);
  if ('claims' in verified) return verified.claims;
  if (verified.reason !== 'TOKEN_WRONG_TYPE') throw new AuthError(verified.reason);
  const message = 'This is an access token; a refresh token is needed here.';
  throw new AuthError(verified.reason, { message });
}
