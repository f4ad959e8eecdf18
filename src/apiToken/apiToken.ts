import { and, desc, eq, isNull, lt, or } from 'drizzle-orm';
import { createApiToken, type LoadedUser } from '../auth/index.ts';
import type { Database } from '../database.ts';
import { type UserRow, users } from '../user/table.ts';
import { type ApiTokenRow, apiTokens } from './table.ts';

const usePrecisionSeconds = 60;

/** Makes an API token. Only its hash is kept, so this is the one time it can be shown. */
export async function addApiToken(
  database: Database,
  { userId, name, expiresAt }: Pick<ApiTokenRow, 'userId' | 'name' | 'expiresAt'>,
  now: Date,
): Promise<{ token: string; apiToken: ApiTokenRow }> {
  const { token, hash } = createApiToken();
  const [apiToken] = await database
    .insert(apiTokens)
    .values({ userId, name, expiresAt, hash, createdAt: now })
    .returning();
  if (!apiToken) throw new Error('The database gave no row for a new API token.');
  return { token, apiToken };
}

export async function listApiTokens(database: Database, userId: string): Promise<ApiTokenRow[]> {
  return await database
    .select()
    .from(apiTokens)
    .where(eq(apiTokens.userId, userId))
    .orderBy(desc(apiTokens.createdAt), desc(apiTokens.id));
}

/** Removes a token of the user; false when the user has no such token. */
export async function removeApiToken(
  database: Database,
  userId: string,
  id: string,
): Promise<boolean> {
  const removed = await database
    .delete(apiTokens)
    .where(and(eq(apiTokens.id, id), eq(apiTokens.userId, userId)))
    .returning();
  return removed.length > 0;
}

/** Loads the user of an API token by its hash, with one query, and notes its use once a minute. */
export async function loadUserOfApiToken(
  database: Database,
  hash: Buffer,
  now: Date,
): Promise<LoadedUser<UserRow>> {
  const [found] = await database
    .select({ user: users, apiToken: apiTokens })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .where(eq(apiTokens.hash, hash));
  if (!found) return { reason: 'TOKEN_INVALID' };
  const { user, apiToken } = found;
  if (apiToken.expiresAt && apiToken.expiresAt <= now) return { reason: 'TOKEN_EXPIRED' };
  if (!user.active) return { reason: 'USER_INACTIVE' };
  await noteUse(database, apiToken, now);
  return { user, isAdmin: user.isAdmin };
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
