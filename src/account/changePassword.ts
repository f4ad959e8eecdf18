import { AuthError } from '@sallyport/guards';
import { revokeApiTokens } from '../apiToken/apiToken.ts';
import { recordEvent } from '../audit/audit.ts';
import type { Authenticated, Context } from '../context.ts';
import { asCaller } from '../session/asCaller.ts';
import { inTurnOf, visitorOf } from '../session/inTurnOf.ts';
import { recordEnds } from '../session/recordEnds.ts';
import { beginAnew, endSessionsOf } from '../session/session.ts';
import { issueTokenPair, type TokenPair } from '../session/tokenPair.ts';
import { hashPassword, hashQueue } from '../user/password.ts';
import { replacePassword } from './replacePassword.ts';

/**
 * Changes the password of the caller, ends every other session, if wanted revokes all API tokens, and returns a fresh
 * pair for the caller's session.
 *
 * @throws RATE_LIMITED, or TOKEN_REVOKED when the session has ended meanwhile
 */
export async function changePassword(
  context: Authenticated<Context>,
  sessionId: string,
  { newPassword, endApiTokens }: { readonly newPassword: string; readonly endApiTokens: boolean },
): Promise<TokenPair> {
  const visitor = visitorOf(context, context.user.id);
  const passwordHash = await hashQueue.enter(visitor, async (turn) => {
    const { id } = context.user;
    await inTurnOf(context, id, () => context.throttle.reservePasswordChange(id));
    return await hashPassword(newPassword, turn);
  });
  const session = await asCaller(context, {}, async (scene) => {
    const { database, config, now } = scene;
    const userId = scene.user.id;
    await replacePassword(database, userId, passwordHash);
    const kept = await beginAnew(database, sessionId, config.jwt, now);
    if (!kept) throw new AuthError('TOKEN_REVOKED');
    await recordEvent(scene, { event: 'PASSWORD_CHANGED', actorId: userId, userId, sessionId });
    const ended = await endSessionsOf(database, userId, 'password', now, sessionId);
    await recordEnds(scene, userId, 'password', ended);
    if (endApiTokens) await revokeApiTokens(scene, userId, { userId });
    return kept;
  });
  return issueTokenPair(session, { ...context, fresh: true });
}
