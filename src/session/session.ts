import { randomUUID } from 'node:crypto';
import type { RefreshClaims } from '@sallyport/guards';
import { and, desc, eq, getTableColumns, isNull, lte, ne, type SQL, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../database/database.ts';
import type { Rider } from '../database/riders.ts';
import { notFound } from '../errors.ts';
import { isBehind, type ListPart } from '../input/listPart.ts';
import { isUuid } from '../input/text.ts';
import { type UserRow, users } from '../user/table.ts';
import { isLive, later, type SessionLife } from './sessionLife.ts';
import { type SessionRow, sessions } from './table.ts';
import { newSeed, type SessionWithToken, sessionWithToken } from './tokenId.ts';

export const maximumSessionsOfUser = 50;

export type EndReason = NonNullable<SessionRow['endReason']>;

type Credentials = Pick<UserRow, 'id' | 'credentialEpoch'>;

/**
 * Opens a session for a user whose password was just checked. Null when the password was changed or the account
 * disabled since `user` was read: the row is locked while that is looked at, so no change can slip in between.
 */
export async function openSession(
  database: Transaction,
  user: Credentials,
  origin: Pick<SessionRow, 'device' | 'ip' | 'userAgent'>,
  life: SessionLife,
  now: Date,
): Promise<SessionWithToken | null> {
  const { refreshTokenExpiresInSeconds, refreshIdleExpiresInSeconds } = life;
  const idleSeconds = Math.min(refreshIdleExpiresInSeconds, refreshTokenExpiresInSeconds);
  const row: SessionRow = {
    ...origin,
    id: randomUUID(),
    userId: user.id,
    seed: newSeed(),
    generation: 1,
    firstValidGeneration: 1,
    confirmedGeneration: 0,
    refreshesSince: null,
    refreshCount: 0,
    rotatedAt: now,
    givenAgainAt: null,
    authenticatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    idleExpiresAt: later(now, idleSeconds),
    expiresAt: later(now, refreshTokenExpiresInSeconds),
    endedAt: null,
    endReason: null,
  };
  const values = Object.entries(getTableColumns(sessions)).map(([key, column]) =>
    sql.param(row[key as keyof SessionRow], column),
  );
  const [session] = await database
    .insert(sessions)
    .select(sql`select ${sql.join(values, sql`, `)} from ${users}
      where ${isUnchanged(user)} for no key update`)
    .returning(sessionWithToken)
    .prepare('open_session')
    .execute();
  return session ?? null;
}

/**
 * Ends the least recently used sessions of a user who has more than 50, and returns the sessions that it ended. The
 * newest session is never among them: by a clock that is behind, it can seem older than the others. The user is locked,
 * so that two do not look at the same time.
 */
export async function endLeastRecentlyUsed(
  database: Transaction,
  { id: newest, userId }: Pick<SessionRow, 'id' | 'userId'>,
  now: Date,
  riders: readonly Rider[] = [],
): Promise<SessionRow[]> {
  const tooMany = database
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), ne(sessions.id, newest), isLive(now)))
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.createdAt))
    .offset(maximumSessionsOfUser - 1);
  // As an array: of a query, Postgres expects as many as the user has, and reads all sessions of everybody.
  const ids = sql`${sessions.id} = any(array(${tooMany}))`;
  return await endWhere(database, ids, 'limit', now, riders);
}

/** Makes the session fresh again after a password check; null when it has ended meanwhile. */
export async function renewSession(
  database: Transaction,
  sessionId: string,
  now: Date,
  riders: readonly Rider[] = [],
): Promise<SessionWithToken | null> {
  const [session] = await database
    .with(...riders)
    .update(sessions)
    .set({ authenticatedAt: now, lastUsedAt: now })
    .where(and(eq(sessions.id, sessionId), isLive(now)))
    .returning(sessionWithToken);
  return session ?? null;
}

/**
 * Lets the session begin anew after a change of password, with a new generation. Tokens of earlier generations open,
 * refresh and end nothing from then on, and using one does not count as theft. Null when the session has ended
 * meanwhile.
 */
export async function beginAnew(
  database: Transaction,
  sessionId: string,
  life: SessionLife,
  now: Date,
): Promise<SessionWithToken | null> {
  const idleExpiry = later(now, life.refreshIdleExpiresInSeconds).toISOString();
  const [session] = await database
    .update(sessions)
    .set({
      generation: sql`${sessions.generation} + 1`,
      firstValidGeneration: sql`${sessions.generation} + 1`,
      rotatedAt: now,
      givenAgainAt: null,
      authenticatedAt: now,
      lastUsedAt: now,
      idleExpiresAt: sql`least(${idleExpiry}::timestamptz, ${sessions.expiresAt})`,
    })
    .where(and(eq(sessions.id, sessionId), isLive(now)))
    .returning(sessionWithToken);
  return session ?? null;
}

/** The sessions of a user that have not ended, newest first. */
export async function listSessions(
  database: Database,
  userId: string,
  now: Date,
  { size, afterId }: ListPart = { size: maximumSessionsOfUser, afterId: null },
): Promise<SessionRow[]> {
  const own = eq(sessions.userId, userId);
  const { id, createdAt } = sessions;
  const last =
    afterId === null
      ? null
      : await database
          .select()
          .from(sessions)
          .where(and(own, eq(id, afterId)));
  return await database
    .select()
    .from(sessions)
    .where(and(own, isLive(now), last ? isBehind(last[0], { id, createdAt }) : undefined))
    .orderBy(desc(createdAt), desc(id))
    .limit(size);
}

/**
 * Ends the session that a token names, and returns it. Null when the session has ended already, and when the token is
 * from before a change of password: such a token no longer counts, and logs nobody out.
 */
export async function endSession(
  database: Database,
  { sid, gen }: Pick<RefreshClaims, 'sid' | 'gen'>,
  reason: EndReason,
  now: Date,
): Promise<SessionRow | null> {
  if (!isUuid(sid)) return null;
  const named = and(eq(sessions.id, sid), lte(sessions.firstValidGeneration, sql`${gen}::bigint`));
  const [ended] = await endWhere(database, named, reason, now);
  return ended ?? null;
}

/**
 * Ends a session of the user, and returns it; null when it had ended before.
 *
 * @throws NOT_FOUND when the user has no such session
 */
export async function endSessionOf(
  database: Database,
  userId: string,
  sessionId: string,
  now: Date,
): Promise<SessionRow | null> {
  const own = and(eq(sessions.id, sessionId), eq(sessions.userId, userId));
  const [ended] = await endWhere(database, own, 'ended', now);
  if (!ended && (await database.$count(sessions, own)) === 0) throw notFound('Session');
  return ended ?? null;
}

/** Ends all sessions of a user but `except`, and returns those that lived. */
export async function endSessionsOf(
  database: Transaction,
  userId: string,
  reason: EndReason,
  now: Date,
  except: string | null = null,
): Promise<SessionRow[]> {
  // Whoever changes several sessions of a user locks the user first, and so two never wait for each other's sessions.
  await database
    .select({ id: users.id })
    .from(users)
    .where(eq(users.id, userId))
    .for('no key update');
  const others = except === null ? undefined : ne(sessions.id, except);
  const ended = await endWhere(database, and(eq(sessions.userId, userId), others), reason, now);
  return ended.filter(({ expiresAt, idleExpiresAt }) => expiresAt > now && idleExpiresAt > now);
}

async function endWhere(
  database: Database,
  condition: SQL | undefined,
  reason: EndReason,
  now: Date,
  riders: readonly Rider[] = [],
): Promise<SessionRow[]> {
  return await database
    .with(...riders)
    .update(sessions)
    .set({ endedAt: now, endReason: reason })
    .where(and(condition, isNull(sessions.endedAt)))
    .returning();
}

function isUnchanged({ id, credentialEpoch }: Credentials): SQL | undefined {
  return and(eq(users.id, id), eq(users.credentialEpoch, credentialEpoch), eq(users.active, true));
}
