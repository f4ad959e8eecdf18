import { AuthError, type RefreshClaims } from '@sallyport/guards';
import { recordEvent } from '../audit/audit.ts';
import type { Context } from '../context.ts';
import { rateLimited } from '../errors.ts';
import { refreshSession } from './refresh.ts';
import { issueTokenPair, type TokenPair } from './tokenPair.ts';

/**
 * Exchanges a refresh token, by its claims, for the next pair of its session.
 *
 * @throws AuthError, or RATE_LIMITED
 */
export async function exchangeRefreshToken(
  context: Context,
  claims: RefreshClaims,
): Promise<TokenPair> {
  const { database, config, log, now } = context;
  const { sub: userId, sid: sessionId } = claims;
  const result = await refreshSession(database, claims, config.jwt, now);
  switch (result.outcome) {
    case 'refreshed':
      return issueTokenPair(result.session, { ...context, fresh: false });
    case 'reused':
      log.warn({ userId, sessionId }, 'a refresh token was used again: its session has ended');
      await recordEvent(context, { event: 'REFRESH_REUSED', userId, sessionId });
      throw new AuthError('TOKEN_REUSED');
    case 'ahead':
      log.error(
        { userId, sessionId },
        'a refresh token is ahead of its session: the database has been set back',
      );
      throw new AuthError('TOKEN_INVALID');
    case 'limited':
      throw rateLimited(result.retryAfterSeconds);
    case 'refused':
      throw new AuthError(result.reason);
  }
}
