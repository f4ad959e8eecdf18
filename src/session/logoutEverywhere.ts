import type { Authenticated, Context } from '../context.ts';
import { asCaller } from './asCaller.ts';
import { recordEnds } from './recordEnds.ts';
import { endSessionsOf } from './session.ts';

/** Ends all sessions of the caller, this one too, and returns how many lived. */
export async function logoutEverywhere(context: Authenticated<Context>): Promise<number> {
  return await asCaller(context, {}, async (scene) => {
    const ended = await endSessionsOf(scene.database, scene.user.id, 'logout', scene.now);
    await recordEnds(scene, scene.user.id, 'everywhere', ended);
    return ended.length;
  });
}
