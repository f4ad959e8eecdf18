import { AuthError } from '@sallyport/guards';
import { recordEvent } from '../audit/audit.ts';
import type { Context } from '../context.ts';
import { foldUsername } from '../input/username.ts';
import type { Guess } from '../throttle/guesses.ts';
import { findUserFrom } from '../throttle/knownNetworks.ts';
import { homeNetworkOf } from '../throttle/networkOf.ts';
import type { Turn, Visitor } from '../user/fairQueue.ts';
import { hashQueue } from '../user/password.ts';
import type { UserRow } from '../user/table.ts';
import { checkPasswordOf, renewHash } from '../user/user.ts';
import { findDevice, readDevice } from './device.ts';
import { recordThrottled } from './recordThrottled.ts';

/**
 * Finds the user to whom a name and password belong, from wherever they come.
 *
 * @throws INVALID_CREDENTIALS, RATE_LIMITED
 */
export async function checkCredentials(
  context: Context,
  { username, password }: { username: string; password: string },
): Promise<UserRow> {
  const { throttle, client } = context;
  const name = foldUsername(username) ?? username;
  const device = readDevice(context);
  const account = device ? `session ${device.sid}` : `${homeNetworkOf(client.ip)} ${name}`;
  return await hashQueue.enter(visitorOf(context, account), async (turn) => {
    await throttle
      .reserveSignIn(client.ip)
      .catch((refusal) => recordThrottled(context, { userId: null, sessionId: null }, refusal));
    return await checkPassword(context, await findSuspect(context, name, device), password, turn);
  });
}

/**
 * Checks the password of the caller, in one of their sessions.
 *
 * @throws INVALID_CREDENTIALS, RATE_LIMITED
 */
export async function checkPasswordAgain(
  context: Context,
  { user, sessionId, password }: { user: UserRow; sessionId: string; password: string },
): Promise<UserRow> {
  return await hashQueue.enter(visitorOf(context, user.id), async (turn) => {
    await context.throttle
      .reserveSignIn(context.client.ip)
      .catch((refusal) => recordThrottled(context, { userId: user.id, sessionId }, refusal));
    const suspect = { username: user.username, user, place: { sessionId } };
    return await checkPassword(context, suspect, password, turn);
  });
}

/** Who stands in the queue of hashes: an account, or null for who has none yet, at the network of the request. */
export function visitorOf({ client, onClientGone }: Context, account: string | null): Visitor {
  return { network: homeNetworkOf(client.ip), account, onGone: onClientGone };
}

type Suspect = Pick<Guess, 'username' | 'place'> & { readonly user: UserRow | null };

// A device of the user's is a place of its own, so that nobody who guesses from elsewhere can lock the owner out.
async function findSuspect(
  context: Context,
  username: string,
  claims: ReturnType<typeof readDevice>,
): Promise<Suspect> {
  const { database, client, now } = context;
  const device = claims && (await findDevice(database, claims, now));
  if (device?.user.username === username) {
    return { username, user: device.user, place: { sessionId: device.sessionId } };
  }
  const { user, isNetworkKnown } = await findUserFrom(database, username, client.ip, now);
  return { username, user, place: { ip: client.ip, isKnown: isNetworkKnown } };
}

// Counted before it is checked. What fails goes to the audit log.
async function checkPassword(
  context: Context,
  { username, user, place }: Suspect,
  password: string,
  turn: Turn,
): Promise<UserRow> {
  const { database, throttle, now, log } = context;
  const userId = user?.id ?? null;
  const sessionId = 'sessionId' in place ? place.sessionId : null;
  const reservation = await throttle
    .reserveGuess({ username, userId, place }, now)
    .catch((refusal) => recordThrottled(context, { userId, sessionId }, refusal));
  let looked = false;
  const check = checkPasswordOf(user, password, {
    turn: (work) =>
      turn(() => {
        looked = true;
        return work();
      }),
    onUnreadable: ({ id }) => log.error({ userId: id }, 'the hash of this password cannot be read'),
  });
  const { isRight, renewedHash } = await check.catch(async (error) => {
    if (!looked) await reservation.giveBack();
    throw error;
  });
  if (!user || !isRight) {
    await recordEvent(context, {
      event: 'SIGN_IN_FAILED',
      actorId: context.user?.id ?? null,
      userId,
      sessionId,
      reason: 'INVALID_CREDENTIALS',
    });
    throw new AuthError('INVALID_CREDENTIALS');
  }
  await reservation.forgive();
  if (renewedHash) await renewHash(database, user, renewedHash);
  return user;
}
