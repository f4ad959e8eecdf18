import type { Authenticated, Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { asCaller } from '../session/asCaller.ts';
import { findOwner, revokeApiTokens } from './apiToken.ts';

/**
 * Revokes an API token of the caller.
 *
 * @throws NOT_FOUND when the caller has no such token
 */
export async function revokeApiToken(context: Authenticated<Context>, id: string): Promise<void> {
  await asCaller(context, {}, async (scene) => {
    const userId = scene.user.id;
    const revoked = await revokeApiTokens(scene, userId, { id, userId });
    if (revoked.length === 0) throw notFound('API token');
  });
}

/**
 * Revokes an API token of anybody, for an administrator.
 *
 * @throws NOT_FOUND
 */
export async function revokeUserApiToken(
  context: Authenticated<Context>,
  id: string,
): Promise<void> {
  const userId = await findOwner(context.database, id);
  await asCaller(context, { admin: true, userId }, async (scene) => {
    const revoked = await revokeApiTokens(scene, scene.user.id, { id });
    if (revoked.length === 0) throw notFound('API token');
  });
}
