import { and, eq, sql } from 'drizzle-orm';
import type { AuthErrorReason, RefreshClaims } from '../auth/index.ts';
import { type Database, preparedOnce } from '../database.ts';
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
  const { sid, sub, jti, gen } = claims;
  if (!isUuid(sid) || !isUuid(sub) || !/^[0-9a-f]{32}$/.test(jti)) {
    return { outcome: 'refused', reason: 'TOKEN_INVALID' };
  }
  const [session] = await refreshStatement(database).execute({
    sid,
    sub,
    jti,
    gen,
    now: now.toISOString(),
    raceSince: later(now, -raceWindowSeconds).toISOString(),
    lostSince: later(now, -lostAnswerWindowSeconds).toISOString(),
    idleExpiry: later(now, life.refreshIdleExpires).toISOString(),
  });
  if (!session) {
    const found = await findSession(database, claims);
    return { outcome: 'refused', reason: findSessionProblem(found, now) ?? 'TOKEN_INVALID' };
  }
  if (session.endedAt !== null) return { outcome: 'reused' };
  return session.generation === gen + 1 ? { outcome: 'refreshed', session } : { outcome: 'ahead' };
}

/** The one statement of a refresh. */
export const refreshStatement = preparedOnce((database) => {
  const { generation, confirmedGeneration, rotatedAt, lastUsedAt, expiresAt, idleExpiresAt } =
    sessions;
  const given = sql`${sql.placeholder('gen')}::bigint`;
  const time = (name: string) => sql`${sql.placeholder(name)}::timestamptz`;
  const now = time('now');
  const rotate = sql`${generation} = ${given}`;
  const again = sql`(${generation} = ${given} + 1 and (${rotatedAt} >= ${time('raceSince')}
    or (${rotatedAt} >= ${time('lostSince')} and ${confirmedGeneration} < ${generation})))`;
  const reuse = sql`(${generation} > ${given} and not ${again})`;
  return database
    .update(sessions)
    .set({
      generation: sql`case when ${rotate} then ${generation} + 1 else ${generation} end`,
      rotatedAt: sql`case when ${rotate} then ${now} else ${rotatedAt} end`,
      lastUsedAt: sql`case when ${rotate} then ${now} else ${lastUsedAt} end`,
      idleExpiresAt: sql`case when ${rotate} then least(${time('idleExpiry')}, ${expiresAt})
        else ${idleExpiresAt} end`,
      endedAt: sql`case when ${reuse} then ${now} end`,
      endReason: sql`case when ${reuse} then 'reuse' end`,
    })
    .from(users)
    .where(
      and(
        eq(sessions.id, sql.placeholder('sid')),
        eq(sessions.userId, sql.placeholder('sub')),
        eq(tokenIdOf(given), sql.placeholder('jti')),
        isLive(now),
        eq(users.id, sessions.userId),
        eq(users.active, true),
      ),
    )
    .returning(sessionWithToken)
    .prepare('refresh_session');
});
