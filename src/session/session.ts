import { and, desc, eq, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database.ts';
import { notFound } from '../errors.ts';
import { isUuid } from '../text.ts';
import { type UserRow, users } from '../user/table.ts';
import { isLive, later, type SessionLife } from './life.ts';
import { type SessionRow, sessions } from './table.ts';
import { newSeed, type SessionWithToken, sessionWithToken } from './tokenId.ts';

const mostSessionsOfUser = 50;

export type EndReason = NonNullable<SessionRow['endReason']>;

type Credentials = Pick<UserRow, 'id' | 'credentialEpoch'>;

/**
 * Opens a session for a user whose password was just checked. Null when the password was changed or the account
 * disabled since `user` was read: the row is locked while that is looked at, so no change can slip in between.
 */
export async function openSession(
  database: Database,
  user: Credentials,
  origin: Pick<SessionRow, 'device' | 'ip' | 'userAgent'>,
  life: SessionLife,
  now: Date,
): Promise<SessionWithToken | null> {
  return await database.transaction(async (transaction) => {
    if (!(await lockUnchanged(transaction, user))) return null;
    const [session] = await transaction
      .insert(sessions)
      .values({
        ...origin,
        userId: user.id,
        seed: newSeed(),
        rotatedAt: now,
        authenticatedAt: now,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: later(now, life.refreshTokenExpires),
        idleExpiresAt: later(now, Math.min(life.refreshIdleExpires, life.refreshTokenExpires)),
      })
      .returning(sessionWithToken);
    return session ?? null;
  });
}

/**
 * Of more than 50 sessions of a user ends the least recently used, and gives those. The newest is left out: by a clock
 * that is behind, it is not the one that was used last. To be called in the transaction that opened that.
 */
export async function endLeastRecentlyUsed(
  database: Database,
  { id: newest, userId }: Pick<SessionRow, 'id' | 'userId'>,
  now: Date,
): Promise<SessionRow[]> {
  const tooMany = database
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), ne(sessions.id, newest), isLive(now)))
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.createdAt))
    .offset(mostSessionsOfUser - 1);
  return await endWhere(database, inArray(sessions.id, tooMany), 'limit', now);
}

/**
 * Makes the session fresh again after a password check; null when it has ended meanwhile, or the password changed. To
 * be called in a transaction: the user's row has to stay locked until the end of it.
 */
export async function renewSession(
  database: Database,
  sessionId: string,
  user: Credentials,
  now: Date,
): Promise<SessionWithToken | null> {
  if (!(await lockUnchanged(database, user))) return null;
  const [session] = await database
    .update(sessions)
    .set({ authenticatedAt: now, lastUsedAt: now })
    .where(and(eq(sessions.id, sessionId), isLive(now)))
    .returning(sessionWithToken);
  return session ?? null;
}

/**
 * Gives the session a new seed and generation after a change of password, so that no refresh token it gave out before
 * is good any more, without counting as stolen. Null when it has ended meanwhile.
 */
export async function reseedSession(
  database: Database,
  sessionId: string,
  life: SessionLife,
  now: Date,
): Promise<SessionWithToken | null> {
  const idleExpiry = later(now, life.refreshIdleExpires).toISOString();
  const [session] = await database
    .update(sessions)
    .set({
      seed: newSeed(),
      generation: sql`${sessions.generation} + 1`,
      rotatedAt: now,
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
): Promise<SessionRow[]> {
  return await database
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isLive(now)))
    .orderBy(desc(sessions.createdAt), desc(sessions.id));
}

/** Ends a session, whoever's it is, and gives it; null when there is none that has not ended. */
export async function endSession(
  database: Database,
  sessionId: string,
  reason: EndReason,
  now: Date,
): Promise<SessionRow | null> {
  if (!isUuid(sessionId)) return null;
  const [ended] = await endWhere(database, eq(sessions.id, sessionId), reason, now);
  return ended ?? null;
}

/**
 * Ends a session of the user, and says whether it had not ended before.
 *
 * @throws NOT_FOUND when the user has no such session
 */
export async function endSessionOf(
  database: Database,
  userId: string,
  sessionId: string,
  now: Date,
): Promise<boolean> {
  const own = and(eq(sessions.id, sessionId), eq(sessions.userId, userId));
  const ended = await endWhere(database, own, 'ended', now);
  if (ended.length === 0 && (await database.$count(sessions, own)) === 0) throw notFound('Session');
  return ended.length > 0;
}

/** Ends all sessions of a user but `except`, and says how many those were. To be called in a transaction. */
export async function endSessionsOf(
  database: Database,
  userId: string,
  reason: EndReason,
  now: Date,
  except: string | null = null,
): Promise<number> {
  // Whoever changes several sessions of a user locks the user first, and so two never wait for each other's sessions.
  await database
    .select({ id: users.id })
    .from(users)
    .where(eq(users.id, userId))
    .for('no key update');
  const others = except === null ? undefined : ne(sessions.id, except);
  const ended = await endWhere(database, and(eq(sessions.userId, userId), others), reason, now);
  return ended.filter(({ expiresAt, idleExpiresAt }) => expiresAt > now && idleExpiresAt > now)
    .length;
}

async function endWhere(
  database: Database,
  condition: SQL | undefined,
  reason: EndReason,
  now: Date,
): Promise<SessionRow[]> {
  return await database
    .update(sessions)
    .set({ endedAt: now, endReason: reason })
    .where(and(condition, isNull(sessions.endedAt)))
    .returning();
}

// A statement that joined the user's row would not do: when it has waited for the session's row, it looks at that anew,
// but at the user as it was before.
async function lockUnchanged(database: Database, user: Credentials): Promise<boolean> {
  const unchanged = await database
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.id, user.id),
        eq(users.credentialEpoch, user.credentialEpoch),
        eq(users.active, true),
      ),
    )
    .for('no key update');
  return unchanged.length > 0;
}
