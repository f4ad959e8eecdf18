import { and, eq, sql } from 'drizzle-orm';
import type { AccessClaims, AuthErrorReason, LoadedUser, RefreshClaims } from '../auth/index.ts';
import { type Database, preparedOnce } from '../database.ts';
import { isUuid } from '../text.ts';
import { type UserRow, users } from '../user/table.ts';
import { type SessionRow, sessions } from './table.ts';

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

const findSessionStatement = preparedOnce((database) =>
  database
    .select({ user: users, session: sessions })
    .from(users)
    .leftJoin(sessions, and(eq(sessions.id, sql.placeholder('sid')), eq(sessions.userId, users.id)))
    .where(eq(users.id, sql.placeholder('sub')))
    .prepare('find_session'),
);

/** Finds the session and the user that a token names, with one query. */
export async function findSession(
  database: Database,
  { sid, sub }: RefreshClaims,
): Promise<FoundSession | null> {
  if (!isUuid(sid) || !isUuid(sub)) return null;
  const [found] = await findSessionStatement(database).execute({ sid, sub });
  return found ?? null;
}

/**
 * Why a session cannot be used. It is asked before its user; only where the user is gone, and all sessions with it, or
 * disabled, and the session for that reason, the user is spoken of instead.
 */
export function findSessionProblem(found: FoundSession | null, now: Date): AuthErrorReason | null {
  if (!found) return 'USER_NOT_FOUND';
  const { user, session } = found;
  if (session?.endReason === 'disabled' && !user.active) return 'USER_INACTIVE';
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
