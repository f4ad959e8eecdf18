import { revokeApiTokens } from '../apiToken/apiToken.ts';
import { recordEnds } from '../session/recordEnds.ts';
import { endSessionsOf } from '../session/session.ts';
import { findUser } from '../user/user.ts';
import { type Actor, asActor } from './asActor.ts';

/**
 * Ends all sessions of a user and revokes all their API tokens. Returns how many sessions that were.
 *
 * @throws NOT_FOUND
 */
export async function endUserSessions(actor: Actor, userId: string): Promise<number> {
  return await asActor(actor, { userId }, async (scene) => {
    const { actorId, reason } = scene.by;
    await findUser(scene.database, userId);
    const ended = await endSessionsOf(scene.database, userId, 'admin', scene.now);
    await recordEnds(scene, actorId, reason ?? 'by an administrator', ended);
    await revokeApiTokens(scene, actorId, { userId });
    return ended.length;
  });
}
