import { AuthError } from '@sallyport/guards';
import { recordEvent } from '../audit/audit.ts';
import type { Context } from '../context.ts';
import { foldUsername } from '../input/username.ts';
import type { Guess, Reservation } from '../throttle/guesses.ts';
import { findUserFrom } from '../throttle/knownNetworks.ts';
import { homeNetworkOf } from '../throttle/networkOf.ts';
import type { Turn } from '../user/fairQueue.ts';
import { hashQueue } from '../user/password.ts';
import type { UserRow } from '../user/table.ts';
import { checkPasswordOf, renewHash } from '../user/user.ts';
import { findDevice, readDevice } from './device.ts';
import { inTurnOf, visitorOf } from './inTurnOf.ts';
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
    const reserved = await inTurnOf(context, account, async () => {
      await throttle
        .reserveSignIn(client.ip)
        .catch((refusal) => recordThrottled(context, { userId: null, sessionId: null }, refusal));
      return await reserveGuess(context, await findSuspect(context, name, device));
    });
    return await checkPassword(context, reserved, password, turn);
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
    const reserved = await inTurnOf(context, user.id, async () => {
      await context.throttle
        .reserveSignIn(context.client.ip)
        .catch((refusal) => recordThrottled(context, { userId: user.id, sessionId }, refusal));
      const suspect = { username: user.username, user, place: { sessionId } };
      return await reserveGuess(context, suspect);
    });
    return await checkPassword(context, reserved, password, turn);
  });
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

interface Reserved {
  readonly user: UserRow | null;
  readonly sessionId: string | null;
  readonly reservation: Reservation;
}

async function reserveGuess(
  context: Context,
  { username, user, place }: Suspect,
): Promise<Reserved> {
  const userId = user?.id ?? null;
  const sessionId = 'sessionId' in place ? place.sessionId : null;
  const reservation = await context.throttle
    .reserveGuess({ username, userId, place }, context.now)
    .catch((refusal) => recordThrottled(context, { userId, sessionId }, refusal));
  return { user, sessionId, reservation };
}

// Counted before it is checked. What fails goes to the audit log.
async function checkPassword(
  context: Context,
  { user, sessionId, reservation }: Reserved,
  password: string,
  turn: Turn,
): Promise<UserRow> {
  const { database, log } = context;
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
      userId: user?.id ?? null,
      sessionId,
      reason: 'INVALID_CREDENTIALS',
    });
    throw new AuthError('INVALID_CREDENTIALS');
  }
  await reservation.forgive();
  if (renewedHash) await renewHash(database, user, renewedHash);
  return user;
}
