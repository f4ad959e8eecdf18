import { eq } from 'drizzle-orm';
import { RateLimiterDrizzle, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { rateLimited } from '../errors.ts';
import { users } from '../user/table.ts';
import { type Guess, type GuessAtName, reserveGuess, reserveGuessAtName } from './guesses.ts';
import { clientNetworkOf } from './networkOf.ts';
import type { Reservation } from './reservation.ts';
import { rateLimits } from './table.ts';

const minute = 60;
const hour = 60 * minute;
// An hour, by one user: enough to fill the hundred that a user may have.
const maximumApiTokens = 120;
// An hour, by one user: more than anybody has a use for, and each is an entry of the audit log.
const maximumPasswordChanges = 60;

/** Limits on what is expensive or guesses, counted in the database, so that all nodes share them. */
export interface Throttle {
  /** Counts a sign-in of a client. @throws RATE_LIMITED */
  reserveSignIn(ip: string): Promise<void>;
  /** Counts a guess before the password is looked at. @throws RATE_LIMITED */
  reserveGuess(guess: Guess, now: Date): Promise<Reservation>;
  /** Does the same for a guess from a network, finds the user of the name, and says why it refuses. */
  reserveGuessAtName(username: string, ip: string, now: Date): Promise<GuessAtName>;
  /** @throws RATE_LIMITED */
  reserveRegistration(ip: string): Promise<void>;
  /** @throws RATE_LIMITED */
  reserveApiToken(userId: string): Promise<void>;
  /** @throws RATE_LIMITED */
  reservePasswordChange(userId: string): Promise<void>;
}

const uncounted: Reservation = {
  giveBack: async () => {},
  forgive: async () => {},
  forgiveness: [],
};

export function createThrottle(database: Database, limits: Config['rateLimits']): Throttle {
  const limiter = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterDrizzle({
      storeClient: database,
      schema: rateLimits,
      keyPrefix,
      points,
      duration,
      clearExpiredByTimeout: false,
    });
  const signIns = limiter('sign-in', limits.signIn, minute);
  const registrations = limiter('register', limits.register, hour);
  const apiTokens = limiter('api-token', maximumApiTokens, hour);
  const passwordChanges = limiter('password-change', maximumPasswordChanges, hour);
  return {
    async reserveSignIn(ip) {
      if (limits.signIn > 0) await consume(signIns, clientNetworkOf(ip));
    },
    async reserveGuess(guess, now) {
      return limits.account > 0
        ? await reserveGuess(database, guess, limits.account, now)
        : uncounted;
    },
    async reserveGuessAtName(username, ip, now) {
      if (limits.account > 0) {
        return await reserveGuessAtName(database, { username, ip }, limits.account, now);
      }
      const [user] = await database.select().from(users).where(eq(users.username, username));
      return { user: user ?? null, reservation: uncounted };
    },
    async reserveRegistration(ip) {
      if (limits.register > 0) await consume(registrations, clientNetworkOf(ip));
    },
    async reserveApiToken(userId) {
      await consume(apiTokens, userId);
    },
    async reservePasswordChange(userId) {
      await consume(passwordChanges, userId);
    },
  };
}

async function consume(limiter: RateLimiterDrizzle, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw rateLimited(Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
  }
}
