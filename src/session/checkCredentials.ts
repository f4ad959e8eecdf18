import { AuthError } from '@sallyport/guards';
import { recordEvent } from '../audit/audit.ts';
import type { Context } from '../context.ts';
import { foldUsername } from '../input/username.ts';
import { homeNetworkOf } from '../throttle/networkOf.ts';
import type { Reservation } from '../throttle/reservation.ts';
import type { Turn } from '../user/fairQueue.ts';
import { hashQueue } from '../user/password.ts';
import type { UserRow } from '../user/table.ts';
import { checkPasswordOf, renewHash } from '../user/user.ts';
import { findDevice, readDevice } from './device.ts';
import { inTurnOf, visitorOf } from './inTurnOf.ts';
import { recordThrottled } from './recordThrottled.ts';

/** A user whose password was right, and the guess that it was counted as. */
export interface CheckedUser {
  readonly user: UserRow;
  readonly reservation: Reservation;
}

/**
 * Finds the user to whom a name and password belong, from wherever they come. The guess is still to be forgiven.
 *
 * @throws INVALID_CREDENTIALS, RATE_LIMITED
 */
export async function checkCredentials(
  context: Context,
  { username, password }: { username: string; password: string },
): Promise<CheckedUser> {
  const { throttle, client } = context;
  const name = foldUsername(username) ?? username;
  const device = readDevice(context);
  const account = device ? `session ${device.sid}` : `${homeNetworkOf(client.ip)} ${name}`;
  return await hashQueue.enter(visitorOf(context, account), async (turn) => {
    const reserved = await inTurnOf(context, account, async () => {
      await throttle
        .reserveSignIn(client.ip)
        .catch((refusal) => recordThrottled(context, { userId: null, sessionId: null }, refusal));
      return await reserveSignIn(context, name, device);
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
      return await reserveAtDevice(context, { user, sessionId });
    });
    const checked = await checkPassword(context, reserved, password, turn);
    await checked.reservation.forgive();
    return checked.user;
  });
}

interface Reserved {
  readonly user: UserRow | null;
  readonly sessionId: string | null;
  readonly reservation: Reservation;
}

// A device of the user's is a place of its own, so that nobody who guesses from elsewhere can lock the owner out.
async function reserveSignIn(
  context: Context,
  username: string,
  claims: ReturnType<typeof readDevice>,
): Promise<Reserved> {
  const { database, throttle, client, now } = context;
  const device = claims && (await findDevice(database, claims, now));
  if (device?.user.username === username) return await reserveAtDevice(context, device);
  const { user, ...guess } = await throttle.reserveGuessAtName(username, client.ip, now);
  if ('reservation' in guess) return { user, sessionId: null, ...guess };
  return await recordThrottled(
    context,
    { userId: user?.id ?? null, sessionId: null },
    guess.refusal,
  );
}

async function reserveAtDevice(
  context: Context,
  { user, sessionId }: { user: UserRow; sessionId: string },
): Promise<Reserved> {
  const guess = { username: user.username, userId: user.id, place: { sessionId } };
  const reservation = await context.throttle
    .reserveGuess(guess, context.now)
    .catch((refusal) => recordThrottled(context, { userId: user.id, sessionId }, refusal));
  return { user, sessionId, reservation };
}

// Counted before it is checked. What fails goes to the audit log.
async function checkPassword(
  context: Context,
  { user, sessionId, reservation }: Reserved,
  password: string,
  turn: Turn,
): Promise<CheckedUser> {
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
  if (renewedHash) {
    // If this fails, the right password must not stay counted as a wrong one.
    await reservation.forgive();
    await renewHash(database, user, renewedHash);
  }
  return { user, reservation };
}
