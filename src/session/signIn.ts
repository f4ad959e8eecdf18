import { recordEvent } from '../audit/audit.ts';
import { AuthError } from '../auth/index.ts';
import type { Context } from '../context.ts';
import type { Bucket } from '../throttle/throttle.ts';
import { whileQueueHasRoom } from '../user/password.ts';
import type { UserRow } from '../user/table.ts';
import { verifyCredentials } from '../user/user.ts';
import { foldUsername } from '../user/username.ts';
import { findSession, findSessionProblem } from './caller.ts';
import { endLeastRecentlyUsed, openSession } from './session.ts';
import { issueTokenPair, type TokenPair } from './tokenPair.ts';

/**
 * Checks a password, counted before it is checked. What fails goes to the audit log.
 *
 * @throws INVALID_CREDENTIALS, RATE_LIMITED
 */
export async function checkPassword(
  context: Context,
  credentials: { username: string; password: string; bucket: Bucket },
): Promise<UserRow> {
  return await whileQueueHasRoom(() => reserveAndCheck(context, credentials));
}

async function reserveAndCheck(
  context: Context,
  { username, password, bucket }: { username: string; password: string; bucket: Bucket },
): Promise<UserRow> {
  const { database, throttle, client } = context;
  const reservation = await throttle.reservePasswordCheck(bucket, client.ip);
  const { user, userId } = await verifyCredentials(database, username, password).catch(
    async (error) => {
      await reservation.forget();
      throw error;
    },
  );
  if (!user) {
    await recordEvent(context, {
      event: 'SIGN_IN_FAILED',
      actorId: context.user?.id ?? null,
      userId,
      sessionId: 'sessionId' in bucket ? bucket.sessionId : null,
      reason: 'INVALID_CREDENTIALS',
    });
    throw new AuthError('INVALID_CREDENTIALS');
  }
  await reservation.forget();
  return user;
}

/**
 * Opens a session for a user whose password was just checked or set, and gives its first pair. Of more than 50 sessions,
 * the least recently used end. Null when the password was changed meanwhile. With a transaction as the context's database, it becomes part of that.
 */
export async function signIn(
  context: Context,
  user: UserRow,
  { device, event }: { device: string | null; event: 'SIGN_IN' | 'REGISTERED' },
): Promise<TokenPair | null> {
  const { config, client, now } = context;
  const session = await context.database.transaction(async (database) => {
    const opened = await openSession(database, user, { ...client, device }, config.jwt, now);
    if (!opened) return null;
    const scene = { ...context, database };
    const own = { actorId: user.id, userId: user.id };
    const named = device === null ? {} : { device };
    await recordEvent(scene, { event, ...own, sessionId: opened.id, ...named });
    for (const { id } of await endLeastRecentlyUsed(database, opened, now)) {
      await recordEvent(scene, { event: 'SESSION_ENDED', ...own, sessionId: id, reason: 'limit' });
    }
    return opened;
  });
  return session && issueTokenPair(session, { ...context, fresh: true });
}

/**
 * Whom a sign-in is counted against. A device that sends a token of a live session of the same user, even one that has
 * expired, is counted by itself, so that nobody who guesses from elsewhere can lock the owner out.
 */
export async function bucketOf(context: Context, username: string): Promise<Bucket> {
  const { database, tokens, bearer, now } = context;
  const folded = foldUsername(username) ?? username;
  const verified = typeof bearer === 'object' ? tokens.verify(bearer.token, now) : null;
  const found = verified && (await findSession(database, verified.claims));
  return found?.session && !findSessionProblem(found, now) && found.user.username === folded
    ? { sessionId: found.session.id }
    : { username: folded };
}
