import type { AccessClaims, AuthErrorReason, LoadedUser, RefreshClaims } from '@sallyport/guards';
import { and, eq, lt, sql } from 'drizzle-orm';
import { type Database, preparedOnce } from '../database/database.ts';
import { lookUpTogether } from '../database/lookUpTogether.ts';
import { isUuid } from '../input/text.ts';
import { type UserRow, users } from '../user/table.ts';
import { type SessionRow, sessions } from './table.ts';

/** Loads the user of an access token, with one query for session and user together. */
export async function loadUser(
  database: Database,
  claims: AccessClaims,
  now: Date,
): Promise<LoadedUser<UserRow>> {
  const found = await findSession(database, claims);
  const reason = findSessionProblem(found, claims, now);
  if (reason || !found?.session) return { reason: reason ?? 'TOKEN_REVOKED' };
  const { user, session } = found;
  if (session.generation === claims.gen && session.confirmedGeneration < claims.gen) {
    await confirmGeneration(database, claims, now);
  }
  return { user, isAdmin: user.isAdmin };
}

interface FoundSession {
  readonly user: UserRow;
  readonly session: SessionRow | null;
}

const findSessionsStatement = preparedOnce((database) =>
  database
    .select({ user: users, session: sessions, place: sql`asked.place`.mapWith(Number) })
    .from(
      sql`unnest(${sql.placeholder('subs')}::uuid[], ${sql.placeholder('sids')}::uuid[])
        with ordinality as asked (sub, sid, place)`,
    )
    .innerJoin(users, eq(users.id, sql`asked.sub`))
    .leftJoin(sessions, and(eq(sessions.id, sql`asked.sid`), eq(sessions.userId, users.id)))
    .prepare('find_sessions'),
);

const findSessionTogether = lookUpTogether<RefreshClaims, FoundSession | null>(
  async (database, asked) => {
    const found: (FoundSession | null)[] = asked.map(() => null);
    const rows = await findSessionsStatement(database).execute({
      subs: asked.map(({ sub }) => sub),
      sids: asked.map(({ sid }) => sid),
    });
    for (const { place, user, session } of rows) found[place - 1] = { user, session };
    return found;
  },
);

/** Finds the session and the user that a token names, with one query, which others may share. */
export async function findSession(
  database: Database,
  claims: RefreshClaims,
): Promise<FoundSession | null> {
  return isUuid(claims.sid) && isUuid(claims.sub)
    ? await findSessionTogether(database, claims)
    : null;
}

/**
 * Returns why a token of a session cannot be used: the session is over, or the token is from before a change of
 * password. The session is judged before its user. But a user who was deleted, whose sessions went too, is
 * USER_NOT_FOUND, and a session that ended because the user was disabled is USER_INACTIVE.
 */
export function findSessionProblem(
  found: FoundSession | null,
  { gen }: Pick<RefreshClaims, 'gen'>,
  now: Date,
): AuthErrorReason | null {
  if (!found) return 'USER_NOT_FOUND';
  const { user, session } = found;
  if (session?.endReason === 'disabled' && !user.active) return 'USER_INACTIVE';
  if (!session || session.endedAt) return 'TOKEN_REVOKED';
  if (gen < session.firstValidGeneration) return 'TOKEN_REVOKED';
  if (session.expiresAt <= now || session.idleExpiresAt <= now) return 'TOKEN_EXPIRED';
  return user.active ? null : 'USER_INACTIVE';
}

// Before the answer is sent: whoever uses this pair has received it, so the refresh token of before is spent.
async function confirmGeneration(
  database: Database,
  { sid, gen }: AccessClaims,
  now: Date,
): Promise<void> {
  const { id, generation, confirmedGeneration } = sessions;
  await database
    .update(sessions)
    .set({ confirmedGeneration: gen, reachedAt: now })
    .where(and(eq(id, sid), eq(generation, gen), lt(confirmedGeneration, gen)));
}
