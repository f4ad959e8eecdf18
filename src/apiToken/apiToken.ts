import type { LoadedUser } from '@sallyport/guards';
import { and, desc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import { recordEvent, type Scene } from '../audit/audit.ts';
import type { InTransaction } from '../context.ts';
import { type Database, preparedOnce } from '../database/database.ts';
import { lookUpTogether } from '../database/lookUpTogether.ts';
import { notFound } from '../errors.ts';
import { isBehind, type ListPart } from '../input/listPart.ts';
import { type UserRow, users } from '../user/table.ts';
import { type ApiTokenRow, apiTokens } from './table.ts';

const usePrecisionSeconds = 60;

/** API tokens of a user, newest first. */
export async function listApiTokens(
  database: Database,
  userId: string,
  { size, afterId }: ListPart,
): Promise<ApiTokenRow[]> {
  const own = eq(apiTokens.userId, userId);
  const { id, createdAt } = apiTokens;
  const last =
    afterId === null
      ? null
      : await database
          .select()
          .from(apiTokens)
          .where(and(own, eq(id, afterId)));
  return await database
    .select()
    .from(apiTokens)
    .where(and(own, last ? isBehind(last[0], { id, createdAt }) : undefined))
    .orderBy(desc(createdAt), desc(id))
    .limit(size);
}

/** Removes API tokens that fit a condition, and says so in the audit log, an entry each. */
export async function revokeApiTokens(
  scene: InTransaction<Scene>,
  actorId: string | null,
  which: { readonly userId: string } | { readonly id: string; readonly userId?: string },
): Promise<ApiTokenRow[]> {
  const conditions = [
    'id' in which ? eq(apiTokens.id, which.id) : undefined,
    which.userId === undefined ? undefined : eq(apiTokens.userId, which.userId),
  ];
  const revoked = await scene.database
    .delete(apiTokens)
    .where(and(...conditions))
    .returning();
  for (const { id, userId } of revoked) {
    await recordEvent(scene, { event: 'API_TOKEN_REVOKED', actorId, userId, reason: id });
  }
  return revoked;
}

/**
 * Finds the user of an API token.
 *
 * @throws NOT_FOUND
 */
export async function findOwner(database: Database, id: string): Promise<string> {
  const [found] = await database
    .select({ userId: apiTokens.userId })
    .from(apiTokens)
    .where(eq(apiTokens.id, id));
  if (!found) throw notFound('API token');
  return found.userId;
}

interface FoundApiToken {
  readonly user: UserRow;
  readonly apiToken: ApiTokenRow;
}

const findApiTokensStatement = preparedOnce((database) =>
  database
    .select({ user: users, apiToken: apiTokens, place: sql`asked.place`.mapWith(Number) })
    .from(sql`unnest(${sql.placeholder('hashes')}::text[]) with ordinality as asked (hash, place)`)
    .innerJoin(apiTokens, eq(apiTokens.hash, sql`decode(asked.hash, 'hex')`))
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .prepare('find_api_tokens'),
);

const findApiToken = lookUpTogether<Buffer, FoundApiToken | null>(async (database, hashes) => {
  const found: (FoundApiToken | null)[] = hashes.map(() => null);
  const rows = await findApiTokensStatement(database).execute({
    hashes: hashes.map((hash) => hash.toString('hex')),
  });
  for (const { place, user, apiToken } of rows) found[place - 1] = { user, apiToken };
  return found;
});

/**
 * Loads the user of an API token by its hash, with one query, which other requests may share. Notes the token's use
 * once a minute.
 */
export async function loadUserOfApiToken(
  database: Database,
  hash: Buffer,
  now: Date,
): Promise<LoadedUser<UserRow>> {
  const found = await findApiToken(database, hash);
  if (!found) return { reason: 'TOKEN_INVALID' };
  const { user, apiToken } = found;
  if (apiToken.expiresAt && apiToken.expiresAt <= now) return { reason: 'TOKEN_EXPIRED' };
  if (!user.active) return { reason: 'USER_INACTIVE' };
  await noteUse(database, apiToken, now);
  return { user, isAdmin: user.isAdmin, scopes: apiToken.scopes ?? 'all' };
}

async function noteUse(database: Database, { id, lastUsedAt }: ApiTokenRow, now: Date) {
  const stale = new Date(now.getTime() - usePrecisionSeconds * 1000);
  if (lastUsedAt && lastUsedAt > stale) return;
  await database
    .update(apiTokens)
    .set({ lastUsedAt: now })
    .where(
      and(eq(apiTokens.id, id), or(isNull(apiTokens.lastUsedAt), lt(apiTokens.lastUsedAt, now))),
    );
}
