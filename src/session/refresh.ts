import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { AuthErrorReason, RefreshClaims } from '../auth/index.ts';
import type { Database } from '../database.ts';
import { isUuid } from '../text.ts';
import { users } from '../user/table.ts';
import { findSession, findSessionProblem } from './caller.ts';
import { isLive, later, type SessionLife } from './life.ts';
import { sessions } from './table.ts';
import { type SessionWithToken, sessionWithToken, tokenIdOf } from './tokenId.ts';

const raceWindowSeconds = 30;
const lostAnswerWindowSeconds = 24 * 60 * 60;

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

function choose(condition: SQL, time: string, otherwise: SQL | typeof sessions.rotatedAt): SQL {
  return sql`case when ${condition} then ${time}::timestamptz else ${otherwise} end`;
}
