import { createHash } from 'node:crypto';
import { inArray } from 'drizzle-orm';
import ipaddr from 'ipaddr.js';
import { RateLimiterDrizzle, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config.ts';
import type { Database } from '../database.ts';
import { rateLimited } from '../errors.ts';
import { rateLimits } from './table.ts';

const minute = 60;
const hour = 60 * minute;
// After the free attempts, one attempt each, with these waits before it.
const waitsSeconds = [1, 2, 4, 8, 15].map((minutes) => minutes * minute);
// How long an account has to be left alone for its waits to begin anew.
const memorySeconds = 24 * hour;

/** Whom a password check is counted against: an account by its name, or a device by its live session. */
export type Bucket = { readonly username: string } | { readonly sessionId: string };

/** Limits on what is expensive or guesses, counted in the database, so that all nodes share them. */
export interface Throttle {
  /**
   * Counts a password check before it is made. `forget` is to be called when the password was right, or was not looked
   * at: then nothing was guessed.
   *
   * @throws RATE_LIMITED
   */
  reservePasswordCheck(bucket: Bucket, ip: string): Promise<{ forget(): Promise<void> }>;
  /** @throws RATE_LIMITED */
  reserveRegistration(ip: string): Promise<void>;
}

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
  const level = limiter('level', waitsSeconds.length, memorySeconds);
  const attempts = [
    limiter('attempt', limits.account, 5 * minute),
    ...waitsSeconds.map((seconds, index) => limiter(`attempt-${index + 1}`, 1, seconds)),
  ];
  return {
    async reserveRegistration(ip) {
      if (limits.register > 0) await consume(registrations, networkOf(ip));
    },
    async reservePasswordCheck(bucket, ip) {
      if (limits.signIn > 0) await consume(signIns, networkOf(ip));
      if (limits.account === 0) return { forget: async () => {} };
      const key = keyOf(bucket);
      await consumeAttempt(attempts, level, key);
      const keys = [level, ...attempts].map((each) => each.getKey(key));
      return {
        async forget() {
          await database.delete(rateLimits).where(inArray(rateLimits.key, keys));
        },
      };
    },
  };
}

// The free attempts are level 0, each wait is a level, and the last one repeats. Who uses up a level's attempts begins
// the next one's wait. What is refused uses nothing up, so it prolongs no wait.
async function consumeAttempt(
  attempts: readonly RateLimiterDrizzle[],
  level: RateLimiterDrizzle,
  key: string,
): Promise<void> {
  const last = attempts.length - 1;
  const reached = Math.min((await level.get(key))?.consumedPoints ?? 0, last);
  const { remainingPoints } = await consume(attempts[reached] as RateLimiterDrizzle, key);
  if (remainingPoints > 0) return;
  const following = Math.min(reached + 1, last);
  const next = attempts[following] as RateLimiterDrizzle;
  await next.set(key, 1, next.duration);
  await level.set(key, following, memorySeconds);
}

async function consume(limiter: RateLimiterDrizzle, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw rateLimited(Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
  }
}

// Hashed, because people type passwords where a name belongs.
function keyOf(bucket: Bucket): string {
  const name = 'username' in bucket ? `name ${bucket.username}` : `session ${bucket.sessionId}`;
  return createHash('sha256').update(name).digest('base64url');
}

/** The address, or for IPv6 the network of 64 bits that one subscriber has. */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv6
    ? `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`)}/64`
    : address.toString();
}
