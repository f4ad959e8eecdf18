import { and, eq, getTableColumns, gt, isNull, type SQL, sql } from 'drizzle-orm';
import type { AccessClaims, AuthErrorReason, LoadedUser, RefreshClaims } from '../auth/index.ts';
import type { Database } from '../database.ts';
import { type UserRow, users } from '../user/table.ts';
import { type SessionRow, sessions } from './table.ts';

const raceWindowSeconds = 30;
const lostAnswerWindowSeconds = 24 * 60 * 60;

/** How long a session lives, in seconds. */
export interface SessionLife {
  readonly refreshTokenExpires: number;
  readonly refreshIdleExpires: number;
}

/** A session with the id of the refresh token of its generation. */
export type SessionWithToken = SessionRow & { readonly tokenId: string };

const sessionWithToken = { ...getTableColumns(sessions), tokenId: tokenIdOf(sessions.generation) };

/**
 * Opens a session for a user whose password was just checked. Null when the password was changed or the account
 * disabled since `user` was read: the row is locked while that is looked at, so no change can slip in between.
 */
export async function openSession(
  database: Database,
  user: Pick<UserRow, 'id' | 'credentialEpoch'>,
  origin: { device: string | null; ip: string; userAgent: string | null },
  life: SessionLife,
  now: Date,
): Promise<SessionWithToken | null> {
  return await database.transaction(async (transaction) => {
    const [unchanged] = await transaction
      .select({ id: users.id })
      .from(users)
      .where(
        and(
          eq(users.id, user.id),
          eq(users.credentialEpoch, user.credentialEpoch),
          eq(users.active, true),
        ),
      )
      .for('share');
    if (!unchanged) return null;
    const [session] = await transaction
      .insert(sessions)
      .values({
        ...origin,
        userId: user.id,
        seed: Buffer.from(crypto.getRandomValues(new Uint8Array(16))),
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

/** How a refresh ended. `reused` and `ahead` are for the log too. */
export type RefreshOutcome =
  | { readonly outcome: 'refreshed'; readonly session: SessionWithToken }
  | { readonly outcome: 'reused' | 'ahead' }
  | { readonly outcome: 'refused'; readonly reason: AuthErrorReason };

/**
 * Exchanges a refresh token, of generation n, for the session's next generation. The session's row, of generation g,
 * decides, in one statement, so that any number of tabs and nodes agree:
 *
 * - rotate: n = g. The session goes on to g + 1.
 * - race: n = g - 1, within 30 s of the rotation. Nothing changes; the caller gets g again.
 * - lost answer: n = g - 1, within 24 h, and no token of g was ever used. The caller gets g again.
 * - reuse: anything older. The session ends (RFC 9700, section 4.14.2).
 * - ahead: n > g. The database has been set back; nothing changes.
 */
export async function refreshSession(
  database: Database,
  claims: RefreshClaims,
  life: SessionLife,
  now: Date,
): Promise<RefreshOutcome> {
  if (!isUuid(claims.sid) || !isUuid(claims.sub))
    return { outcome: 'refused', reason: 'TOKEN_INVALID' };
  const { generation, confirmedGeneration, rotatedAt } = sessions;
  const rotate = sql`${generation} = ${claims.gen}`;
  const since = (seconds: number) => sql`${rotatedAt} >= ${later(now, -seconds).toISOString()}`;
  const again = sql`(${generation} = ${claims.gen + 1} and (${since(raceWindowSeconds)}
    or (${since(lostAnswerWindowSeconds)} and ${confirmedGeneration} < ${generation})))`;
  const reuse = sql`(${generation} > ${claims.gen} and not ${again})`;
  const nextIdleExpiry = later(now, life.refreshIdleExpires).toISOString();

  const [session] = await database
    .update(sessions)
    .set({
      generation: sql`case when ${rotate} then ${generation} + 1 else ${generation} end`,
      rotatedAt: choose(rotate, now.toISOString(), rotatedAt),
      lastUsedAt: choose(rotate, now.toISOString(), sessions.lastUsedAt),
      idleExpiresAt: sql`case when ${rotate} then least(${nextIdleExpiry}::timestamptz, ${sessions.expiresAt})
        else ${sessions.idleExpiresAt} end`,
      endedAt: choose(reuse, now.toISOString(), sql`null`),
      endReason: sql`case when ${reuse} then 'reuse' end`,
    })
    .from(users)
    .where(
      and(
        eq(sessions.id, claims.sid),
        eq(sessions.userId, claims.sub),
        eq(tokenIdOf(sql`${claims.gen}`), claims.jti),
        isLive(now),
        eq(users.id, sessions.userId),
        eq(users.active, true),
      ),
    )
    .returning(sessionWithToken);

  if (!session) {
    const found = await findSession(database, claims);
    const reason = findSessionProblem(found, now) ?? 'TOKEN_INVALID';
    return { outcome: 'refused', reason };
  }
  if (session.endedAt !== null) return { outcome: 'reused' };
  return session.generation === claims.gen + 1
    ? { outcome: 'refreshed', session }
    : { outcome: 'ahead' };
}

/** Makes the session fresh again after a password check; null when it has ended meanwhile, or the password changed. */
export async function renewSession(
  database: Database,
  sessionId: string,
  user: Pick<UserRow, 'id' | 'credentialEpoch'>,
  now: Date,
): Promise<SessionWithToken | null> {
  const [session] = await database
    .update(sessions)
    .set({ authenticatedAt: now, lastUsedAt: now })
    .from(users)
    .where(
      and(
        eq(sessions.id, sessionId),
        isLive(now),
        eq(users.id, sessions.userId),
        eq(users.credentialEpoch, user.credentialEpoch),
        eq(users.active, true),
      ),
    )
    .returning(sessionWithToken);
  return session ?? null;
}

/** Ends a session; one that has ended already stays as it was. */
export async function endSession(
  database: Database,
  sessionId: string,
  reason: NonNullable<SessionRow['endReason']>,
  now: Date,
): Promise<void> {
  if (!isUuid(sessionId)) return;
  await database
    .update(sessions)
    .set({ endedAt: now, endReason: reason })
    .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)));
}

/** Loads the user of an access token, with one query for session and user together. */
export async function loadUser(
  database: Database,
  claims: AccessClaims,
  now: Date,
): Promise<LoadedUser<UserRow>> {
  const found = await findSession(database, claims);
  const reason = findSessionProblem(found, now);
  if (reason || !found?.session) return { reason: reason ?? 'TOKEN_REVOKED' };
  const { user, session } = found;
  if (session.generation === claims.gen && session.confirmedGeneration < claims.gen) {
    await confirmGeneration(database, claims);
  }
  return { user, isAdmin: user.isAdmin };
}

interface FoundSession {
  readonly user: UserRow;
  readonly session: SessionRow | null;
}

async function findSession(
  database: Database,
  { sid, sub }: RefreshClaims,
): Promise<FoundSession | null> {
  if (!isUuid(sid) || !isUuid(sub)) return null;
  const [found] = await database
    .select({ user: users, session: sessions })
    .from(users)
    .leftJoin(sessions, and(eq(sessions.id, sid), eq(sessions.userId, users.id)))
    .where(eq(users.id, sub));
  return found ?? null;
}

// The session is asked before the user. Only where the user is gone, and all sessions with it, that is said instead.
function findSessionProblem(found: FoundSession | null, now: Date): AuthErrorReason | null {
  if (!found) return 'USER_NOT_FOUND';
  const { user, session } = found;
  if (!session || session.endedAt) return 'TOKEN_REVOKED';
  if (session.expiresAt <= now || session.idleExpiresAt <= now) return 'TOKEN_EXPIRED';
  return user.active ? null : 'USER_INACTIVE';
}

// Before the answer goes out: from now on, the refresh token of the generation before is no lost answer.
async function confirmGeneration(database: Database, { sid, gen }: AccessClaims): Promise<void> {
  await database
    .update(sessions)
    .set({ confirmedGeneration: gen })
    .where(and(eq(sessions.id, sid), eq(sessions.generation, gen)));
}

// Only the database derives it, so that no two places must agree. The seed has a fixed length, so that the two parts
// cannot run into each other.
function tokenIdOf(generation: SQL | typeof sessions.generation): SQL<string> {
  return sql<string>`left(encode(sha256(${sessions.seed} || int8send((${generation})::bigint)), 'hex'), 32)`;
}

function isLive(now: Date): SQL | undefined {
  return and(
    isNull(sessions.endedAt),
    gt(sessions.expiresAt, now),
    gt(sessions.idleExpiresAt, now),
  );
}

function choose(condition: SQL, time: string, otherwise: SQL | typeof sessions.rotatedAt): SQL {
  return sql`case when ${condition} then ${time}::timestamptz else ${otherwise} end`;
}

function later(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
