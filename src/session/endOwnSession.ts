import type { Authenticated, Context } from '../context.ts';
import { asCaller } from './asCaller.ts';
import { recordEnds } from './recordEnds.ts';
import { endSessionOf } from './session.ts';

/**
 * Ends a session of the caller, if it has not ended.
 *
 * @throws NOT_FOUND when the caller has no such session
 */
export async function endOwnSession(
  context: Authenticated<Context>,
  sessionId: string,
): Promise<void> {
  await asCaller(context, {}, async (scene) => {
    const ended = await endSessionOf(scene.database, scene.user.id, sessionId, scene.now);
    if (ended) await recordEnds(scene, scene.user.id, 'ended', [ended]);
  });
}
