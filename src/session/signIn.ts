import { AuthError } from '@sallyport/guards';
import { recordEvent } from '../audit/audit.ts';
import type { Context, InTransaction } from '../context.ts';
import { rememberNetwork } from '../throttle/knownNetworks.ts';
import type { UserRow } from '../user/table.ts';
import { inTurnOf } from './inTurnOf.ts';
import { recordEnds } from './recordEnds.ts';
import { endLeastRecentlyUsed, openSession } from './session.ts';
import type { SessionWithToken } from './tokenId.ts';
import { issueTokenPair, type TokenPair } from './tokenPair.ts';

/**
 * Opens a session for a user whose password was just checked, and returns its first pair.
 *
 * @throws INVALID_CREDENTIALS when the password was changed meanwhile
 */
export async function signIn(
  context: Context,
  user: UserRow,
  device: string | null,
): Promise<TokenPair> {
  const origin = { device, event: 'SIGN_IN' } as const;
  const session = await inTurnOf(context, user.id, () =>
    context.database.transaction((database) =>
      beginSession({ ...context, database }, user, origin),
    ),
  );
  return issueTokenPair(session, { ...context, fresh: true });
}

/**
 * Opens a session in a transaction, and writes that down. Beyond 50 sessions, the least recently used end.
 *
 * @throws INVALID_CREDENTIALS when the password was changed since `user` was read
 */
export async function beginSession(
  scene: InTransaction<Context>,
  user: UserRow,
  { device, event }: { device: string | null; event: 'SIGN_IN' | 'REGISTERED' },
): Promise<SessionWithToken> {
  const { database, config, client, now } = scene;
  const opened = await openSession(database, user, { ...client, device }, config.jwt, now);
  if (!opened) throw new AuthError('INVALID_CREDENTIALS');
  await rememberNetwork(database, user.id, client.ip, now);
  const own = { actorId: user.id, userId: user.id };
  await recordEvent(scene, { event, ...own, sessionId: opened.id, device });
  await recordEnds(scene, user.id, 'limit', await endLeastRecentlyUsed(database, opened, now));
  return opened;
}
