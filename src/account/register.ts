import type { Context } from '../context.ts';
import { conflict } from '../errors.ts';
import { inTurnOf, visitorOf } from '../session/inTurnOf.ts';
import { beginSession } from '../session/signIn.ts';
import { issueTokenPair, type TokenPair } from '../session/tokenPair.ts';
import { forgettingGuesses } from '../throttle/guesses.ts';
import { hashPassword, hashQueue } from '../user/password.ts';
import { createUser, type NewUser } from '../user/user.ts';

/**
 * Makes an account for whoever asks, and signs it in. The attempt is counted before anything expensive is done.
 *
 * @throws RATE_LIMITED, or CONFLICT when the name is taken
 */
export async function register(
  context: Context,
  { username, fullName, password }: Pick<NewUser, 'username' | 'fullName'> & { password: string },
): Promise<TokenPair> {
  const { client, now, throttle } = context;
  const visitor = visitorOf(context, null);
  const passwordHash = await hashQueue.enter(visitor, async (turn) => {
    await inTurnOf(context, visitor.network, () => throttle.reserveRegistration(client.ip));
    return await hashPassword(password, turn);
  });
  // In one transaction: a server that dies in between must not leave a name taken whose owner never got an answer.
  const session = await context.database.transaction(async (database) => {
    const newUser = { username, passwordHash, fullName, isAdmin: false };
    const user = await createUser(database, newUser, now);
    if (!user) throw conflict('That username is taken.');
    // Guesses from before the name existed were not guesses at this password.
    const riders = forgettingGuesses(username);
    const origin = { device: null, event: 'REGISTERED', riders } as const;
    return await beginSession({ ...context, database }, user, origin);
  });
  return issueTokenPair(session, { ...context, fresh: true });
}
