import type { AuthErrorReason, RefreshClaims } from '@sallyport/guards';
import { and, eq, gte, sql } from 'drizzle-orm';
import { type Database, preparedOnce } from '../database/database.ts';
import { isUuid } from '../input/text.ts';
import { users } from '../user/table.ts';
import { findSession } from './loadUser.ts';
import { isLive, later, type SessionLife } from './sessionLife.ts';
import { sessions } from './table.ts';
import { type SessionWithToken, sessionWithToken, tokenIdOf } from './tokenId.ts';

const youngSeconds = 10;
const raceWindowSeconds = 30;
const lostAnswerWindowSeconds = 24 * 60 * 60;
const maximumRefreshes = 300;
const countedSeconds = 5 * 60;

/** How a refresh ended. `reused` and `ahead` are for the log too. */
export type RefreshOutcome =
  | { readonly outcome: 'refreshed'; readonly session: SessionWithToken }
  | { readonly outcome: 'reused' | 'ahead' }
  | { readonly outcome: 'limited'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'refused'; readonly reason: AuthErrorReason };

/**
 * Exchanges a refresh token, of generation n, for the session's next generation. The session's row, of generation g,
 * decides, in one statement, so that any number of tabs and nodes agree:
 *
 * - rotate: n = g, and g was given out at least 10 s ago. The session goes on to g + 1.
 * - young: n = g, and g was given out later. Nothing changes; the caller gets g again. An honest client that sends one
 *   refresh for each of twenty failed requests would else rotate several times, and a late one look stolen.
 * - race: n = g - 1, at most 30 s after g was given out. Nothing changes; the caller gets g again.
 * - lost answer: n = g - 1, within 24 h, and no token of g was ever used. The caller gets g again.
 * - reuse: anything older. The session ends (RFC 9700, section 4.14.2).
 * - ahead: n > g. The database has been set back; nothing changes.
 *
 * A generation is given out by the rotation, and again for each lost answer: two tabs may ask again for one lost
 * answer, and the second may come when the first has used what it got.
 *
 * - limited: more than 300 in 5 minutes, whoever asks. Nothing changes. Reuse still ends the session, so a thief cannot
 *   hide by using up the limit.
 *
 * A token of a generation from before a change of password is TOKEN_REVOKED, and nothing changes.
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
    idleExpiry: later(now, life.refreshIdleExpiresInSeconds).toISOString(),
  });
  if (!session) {
    const found = await findSession(database, claims, now);
    // The session is good, so the token is not its own: it names another seed than the session has.
    const reason = 'reason' in found ? found.reason : 'TOKEN_INVALID';
    return { outcome: 'refused', reason };
  }
  if (session.endedAt !== null) return { outcome: 'reused' };
  if (session.refreshCount > maximumRefreshes) {
    const until = later(session.refreshesSince ?? now, countedSeconds);
    const wait = Math.ceil((until.getTime() - now.getTime()) / 1000);
    return { outcome: 'limited', retryAfterSeconds: Math.min(Math.max(1, wait), countedSeconds) };
  }
  return session.generation < gen ? { outcome: 'ahead' } : { outcome: 'refreshed', session };
}

/** The one statement of a refresh. */
export const refreshStatement = preparedOnce((database) => {
  const { generation, firstValidGeneration, confirmedGeneration, rotatedAt, givenAgainAt } =
    sessions;
  const { lastUsedAt, expiresAt, idleExpiresAt, refreshesSince, refreshCount } = sessions;
  const given = sql`${sql.placeholder('gen')}::bigint`;
  const time = (name: string) => sql`${sql.placeholder(name)}::timestamptz`;
  const now = time('now');
  // A node whose clock is ahead may have begun the counting: further off than the window, it begins anew. The same
  // holds for a generation that began in the future: it is not young for days.
  const age = sql`abs(extract(epoch from ${now} - ${refreshesSince}))`;
  const isCounted = sql`coalesce(${age} < ${sql.raw(`${countedSeconds}`)}, false)`;
  const before = sql`case when ${isCounted} then ${refreshCount} else 0 end`;
  const maximum = sql.raw(`${maximumRefreshes}`);
  const givenAt = sql`greatest(${rotatedAt}, ${givenAgainAt})`;
  const isYoung = sql`abs(extract(epoch from ${now} - ${givenAt})) < ${sql.raw(`${youngSeconds}`)}`;
  const rotate = sql`(${generation} = ${given} and not ${isYoung} and ${before} < ${maximum})`;
  const race = sql`(${generation} = ${given} + 1 and ${givenAt} >= ${time('raceSince')})`;
  const lostAnswer = sql`(${generation} = ${given} + 1 and ${rotatedAt} >= ${time('lostSince')}
    and ${confirmedGeneration} < ${generation})`;
  const reuse = sql`(${generation} > ${given} and not ${race} and not ${lostAnswer})`;
  return database
    .update(sessions)
    .set({
      refreshesSince: sql`case when ${isCounted} then ${refreshesSince} else ${now} end`,
      refreshCount: sql`least(${before} + 1, ${maximum} + 1)`,
      generation: sql`case when ${rotate} then ${generation} + 1 else ${generation} end`,
      rotatedAt: sql`case when ${rotate} then ${now} else ${rotatedAt} end`,
      givenAgainAt: sql`case when ${rotate} then null when ${lostAnswer} then ${now}
        else ${givenAgainAt} end`,
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
        gte(given, firstValidGeneration),
        isLive(now),
        eq(users.id, sessions.userId),
        eq(users.active, true),
      ),
    )
    .returning(sessionWithToken)
    .prepare('refresh_session');
});
