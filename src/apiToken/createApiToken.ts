import * as engine from '@sallyport/guards';
import { and, eq, lte } from 'drizzle-orm';
import { recordEvent } from '../audit/audit.ts';
import type { Authenticated, Context } from '../context.ts';
import { conflict } from '../errors.ts';
import { asCaller, type CallerScene } from '../session/asCaller.ts';
import { inTurnOf } from '../session/inTurnOf.ts';
import { type ApiTokenRow, apiTokens } from './table.ts';

const maximumOfUser = 100;

type NewApiToken = Pick<ApiTokenRow, 'name' | 'expiresAt'> & { readonly scopes: string[] };

/**
 * Makes an API token for the caller. Only its hash is kept, so this is the one time it can be shown. A user has at most
 * 100; where that many are, those that have expired make room.
 *
 * @throws RATE_LIMITED, or CONFLICT when there is no room
 */
export async function createApiToken(
  context: Authenticated<Context>,
  { name, expiresAt, scopes }: NewApiToken,
): Promise<{ token: string; apiToken: ApiTokenRow }> {
  const { id } = context.user;
  await inTurnOf(context, id, () => context.throttle.reserveApiToken(id));
  return await asCaller(context, {}, async (scene) => {
    const { database, now } = scene;
    const userId = scene.user.id;
    await makeRoom(scene);
    const { token, hash } = engine.createApiToken();
    const [apiToken] = await database
      .insert(apiTokens)
      .values({ userId, name, expiresAt, scopes, hash, createdAt: now })
      .returning();
    if (!apiToken) throw new Error('The database returned no row for a new API token.');
    const reason = [apiToken.id, ...scopes].join(' ');
    const entry = { actorId: userId, userId, reason };
    await recordEvent(scene, { event: 'API_TOKEN_CREATED', ...entry });
    return { token, apiToken };
  });
}

// The user is locked, so that two who count at once do not both find room for the last one.
async function makeRoom({ database, user, now }: CallerScene): Promise<void> {
  const own = eq(apiTokens.userId, user.id);
  if ((await database.$count(apiTokens, own)) < maximumOfUser) return;
  await database.delete(apiTokens).where(and(own, lte(apiTokens.expiresAt, now)));
  if ((await database.$count(apiTokens, own)) >= maximumOfUser) {
    throw conflict(`A user has at most ${maximumOfUser} API tokens. Revoke one first.`);
  }
}
