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
  const found = await findSession(database, claims, now);
  if ('reason' in found) return found;
  const { user, session } = found;
  if (session.generation === claims.gen && session.confirmedGeneration < claims.gen) {
    await confirmGeneration(database, claims);
  }
  return { user, isAdmin: user.isAdmin };
}

// What says whether a session may be used. Each column more that travels with each request costs time.
const sessionColumns = {
  id: sessions.id,
  generation: sessions.generation,
  firstValidGeneration: sessions.firstValidGeneration,
  confirmedGeneration: sessions.confirmedGeneration,
  lastUsedAt: sessions.lastUsedAt,
  idleExpiresAt: sessions.idleExpiresAt,
  expiresAt: sessions.expiresAt,
  endedAt: sessions.endedAt,
  endReason: sessions.endReason,
};

type FoundRow = Pick<SessionRow, keyof typeof sessionColumns>;

/** A session that may be used, with its user, or why a token of it cannot be. */
export type FoundSession =
  | { readonly user: UserRow; readonly session: FoundRow }
  | { readonly reason: AuthErrorReason };

interface NamedSession {
  readonly user: UserRow;
  readonly session: FoundRow | null;
}

const findSessionsStatement = preparedOnce((database) =>
  database
    .select({ user: users, session: sessionColumns, place: sql`asked.place`.mapWith(Number) })
    .from(
      sql`unnest(${sql.placeholder('subs')}::uuid[], ${sql.placeholder('sids')}::uuid[])
        with ordinality as asked (sub, sid, place)`,
    )
    .innerJoin(users, eq(users.id, sql`asked.sub`))
    .leftJoin(sessions, and(eq(sessions.id, sql`asked.sid`), eq(sessions.userId, users.id)))
    .prepare('find_sessions'),
);

const lookUpSessions = lookUpTogether<RefreshClaims, NamedSession | null>(
  async (database, asked) => {
    const found: (NamedSession | null)[] = asked.map(() => null);
    const rows = await findSessionsStatement(database).execute({
      subs: asked.map(({ sub }) => sub),
      sids: asked.map(({ sid }) => sid),
    });
    for (const { place, user, session } of rows) found[place - 1] = { user, session };
    return found;
  },
);

/**
 * Looks up the session and the user that a token names, whatever has become of them, with one query, which others may
 * share. Null when there is no such user.
 */
export async function lookUpSession(
  database: Database,
  claims: RefreshClaims,
): Promise<NamedSession | null> {
  return isUuid(claims.sid) && isUuid(claims.sub) ? await lookUpSessions(database, claims) : null;
}

/**
 * Finds the session and the user of a token, or why it cannot be used: the session is over, or the token is from
 * before a change of password. The session is judged before its user. But a user who was deleted, whose sessions went
 * too, is USER_NOT_FOUND, and a session that ended because the user was disabled is USER_INACTIVE.
 */
export async function findSession(
  database: Database,
  claims: RefreshClaims,
  now: Date,
): Promise<FoundSession> {
  const named = await lookUpSession(database, claims);
  if (!named) return { reason: 'USER_NOT_FOUND' };
  const { user, session } = named;
  if (session?.endReason === 'disabled' && !user.active) return { reason: 'USER_INACTIVE' };
  if (!session || session.endedAt) return { reason: 'TOKEN_REVOKED' };
  if (claims.gen < session.firstValidGeneration) return { reason: 'TOKEN_REVOKED' };
  if (session.expiresAt <= now || session.idleExpiresAt <= now) return { reason: 'TOKEN_EXPIRED' };
  return user.active ? { user, session } : { reason: 'USER_INACTIVE' };
}

// Before the answer is sent. Whoever uses a token of this pair has received the pair, so the refresh token of the pair
// before it is used up.
async function confirmGeneration(database: Database, { sid, gen }: AccessClaims): Promise<void> {
  const { id, generation, confirmedGeneration } = sessions;
  await database
    .update(sessions)
    .set({ confirmedGeneration: gen })
    .where(and(eq(id, sid), eq(generation, gen), lt(confirmedGeneration, gen)));
}
