import {
  AuthError,
  type AuthErrorReason,
  type Bearer,
  type RefreshClaims,
  type Tokens,
} from '@sallyport/guards';
import type { Context } from '../context.ts';

type SentTokenScene = Pick<Context, 'bearer' | 'cookies' | 'issuers' | 'now'> & {
  readonly verify: Tokens['verifyRefresh'];
};

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
 * @throws AuthError when there is no token, or when it is not good
 */
export async function withSentToken<Result>(
  argument: string | null | undefined,
  context: SentTokenScene,
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

function readClaims(sent: Bearer, { now, issuers, verify }: SentTokenScene): RefreshClaims {
  if (sent === 'absent') {
    throw new AuthError('TOKEN_MISSING', { message: 'Sign in first: no token was sent.' });
  }
  if (sent === 'malformed') throw new AuthError('TOKEN_INVALID');
  const verified = verify(sent.token, now);
  if ('claims' in verified) return verified.claims;
  // It is not looked at any closer: whoever it is of, nothing here can refresh or end it.
  if (verified.reason === 'TOKEN_INVALID' && issuers?.issuerOf(sent.token)) {
    const message = 'This is a token of another issuer, which alone can refresh or end it.';
    throw new AuthError('TOKEN_WRONG_TYPE', { message });
  }
  if (verified.reason !== 'TOKEN_WRONG_TYPE') throw new AuthError(verified.reason);
  const message = 'This is an access token; a refresh token is needed here.';
  throw new AuthError(verified.reason, { message });
}
