import { AuthError } from '@sallyport/guards';
import { recordEventWith } from '../audit/audit.ts';
import type { Context, InTransaction } from '../context.ts';
import { isUnreachable } from '../database/outage.ts';
import type { Rider } from '../database/riders.ts';
import { rememberNetwork } from '../throttle/knownNetworks.ts';
import type { UserRow } from '../user/table.ts';
import type { CheckedUser } from './checkCredentials.ts';
import { inTurnOf } from './inTurnOf.ts';
import { recordEnds } from './recordEnds.ts';
import { endLeastRecentlyUsed, openSession } from './session.ts';
import type { SessionWithToken } from './tokenId.ts';
import { issueTokenPair, type TokenPair } from './tokenPair.ts';

/**
 * Opens a session for a user whose password was just checked, forgives the guesses before it, and returns the first
 * pair.
 *
 * @throws INVALID_CREDENTIALS when the password was changed meanwhile
 */
export async function signIn(
  context: Context,
  { user, reservation }: CheckedUser,
  device: string | null,
): Promise<TokenPair> {
  const origin = { device, event: 'SIGN_IN', riders: reservation.forgiveness } as const;
  const session = await inTurnOf(context, user.id, () =>
    context.database.transaction((database) =>
      beginSession({ ...context, database }, user, origin),
    ),
  ).catch(async (error) => {
    // The password was right all the same. A database that is out of reach would only keep the answer waiting, and what
    // went wrong first is what is told.
    if (!isUnreachable(error)) await reservation.forgive().catch(() => {});
    throw error;
  });
  return issueTokenPair(session, { ...context, fresh: true });
}

/**
 * Opens a session in a transaction, and writes that down. Beyond 50 sessions, the least recently used end. The riders
 * travel along.
 *
 * @throws INVALID_CREDENTIALS when the password was changed since `user` was read
 */
export async function beginSession(
  scene: InTransaction<Context>,
  user: UserRow,
  {
    device,
    event,
    riders,
  }: { device: string | null; event: 'SIGN_IN' | 'REGISTERED'; riders: readonly Rider[] },
): Promise<SessionWithToken> {
  const { database, config, client, now } = scene;
  const opened = await openSession(database, user, { ...client, device }, config.jwt, now);
  if (!opened) throw new AuthError('INVALID_CREDENTIALS');
  const own = { actorId: user.id, userId: user.id, sessionId: opened.id, device };
  const writes = [...riders, ...rememberNetwork(user.id, client.ip, now)];
  const ended = await recordEventWith(scene, { event, ...own }, (entry) =>
    endLeastRecentlyUsed(database, opened, now, [...writes, entry]),
  );
  await recordEnds(scene, user.id, 'limit', ended);
  return opened;
}
