import { createHash } from 'node:crypto';
import { inArray, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { rateLimited } from '../errors.ts';
import { homeNetworkOf } from './networkOf.ts';
import { guesses } from './table.ts';

const minute = 60;
const day = 24 * 60 * minute;
const freeWindowSeconds = 5 * minute;
// After the free attempts, each attempt has to wait so long. After a day without attempts, a place begins anew.
const waitsSeconds = [1, 2, 4, 8, 15].map((minutes) => minutes * minute);
const memorySeconds = day;

/** How many wrong passwords in a row an account may have, and a place that knows it (NIST SP 800-63B-4, 3.2.2). */
export const maximumInARow = 100;
// Only a new password or an administrator ends this. The wait is as long as it is so that clients stop trying.
const closedSeconds = day;

/** A password that is about to be checked. */
export interface Guess {
  /** The account's name, or what was typed in its place. */
  readonly username: string;
  readonly userId: string | null;
  /** Where it comes from: the session of a device of the user's, or a network, which may be known as the user's. */
  readonly place:
    | { readonly sessionId: string }
    | { readonly ip: string; readonly isKnown: boolean };
}

/** A guess that was counted before it was checked. A wrong password stays counted. */
export interface Reservation {
  /** For a password that was not checked after all: takes back this guess, and no other. */
  giveBack(): Promise<void>;
  /** For the right password: what was counted before it, at its place and for the account, is forgotten. */
  forgive(): Promise<void>;
}

/**
 * Counts a guess, with one statement, so that any number at once, on any number of nodes, get through as if one came
 * after the other. What is refused counts nothing and prolongs nothing.
 *
 * - The place has `free` attempts in five minutes, and then waits before each further one.
 * - After 100 failures in a row, over all places, only places that know the account may try. Each has 100 of its own.
 *
 * @throws RATE_LIMITED
 */
export async function reserveGuess(
  database: Database,
  guess: Guess,
  free: number,
  now: Date,
): Promise<Reservation> {
  const { userId, place } = guess;
  const isKnown = 'sessionId' in place || place.isKnown;
  const account = accountKey(guess.username);
  const key = placeKey(account, place);
  const at = sql`${now.toISOString()}::timestamptz`;
  const later = (seconds: number) => sql`${at} + make_interval(secs => ${seconds})`;
  const wait = (steps: ReturnType<typeof sql>) => sql`case when ${steps} >= ${free}::int then
    ${at} + make_interval(secs => (array[${sql.raw(waitsSeconds.join())}])[
      least(${steps} - ${free}::int, ${sql.raw(String(waitsSeconds.length - 1))}) + 1
    ]) end`;
  const steps = sql`case
    when counted.steps < ${free}::int and counted.window_ends_at <= ${at} then 1
    when counted.last_at <= ${later(-memorySeconds)} then 1
    else counted.steps + 1 end`;
  const { rows } = await database.execute<ReservedRow>(sql`
    with place as (
      insert into ${guesses} as counted
        (key, account, failures, steps, window_ends_at, blocked_until, last_at)
      select ${key}, ${account}, 1, 1, ${later(freeWindowSeconds)}, ${wait(sql`1`)}, ${at}
      where ${isKnown} or not exists (
        select from ${guesses} where key = ${account} and failures >= ${maximumInARow}
      )
      on conflict (key) do update set
        failures = counted.failures + 1,
        steps = ${steps},
        window_ends_at = case when ${steps} = 1 then excluded.window_ends_at
          else counted.window_ends_at end,
        blocked_until = ${wait(steps)},
        last_at = excluded.last_at
      where counted.failures < ${maximumInARow}
        and (counted.blocked_until is null or counted.blocked_until <= ${at})
      returning run, window_ends_at, blocked_until
    ), account as (
      insert into ${guesses} as counted (key, account, user_id, failures, steps, last_at)
      select ${account}, ${account}, ${userId}::uuid, 1, 0, ${at} from place
      on conflict (key) do update set
        failures = counted.failures + 1, user_id = excluded.user_id, last_at = excluded.last_at
      where ${isKnown} or counted.failures < ${maximumInARow}
      returning run, failures
    )
    select place.run as "placeRun", place.window_ends_at::text as "windowEndsAt",
      place.blocked_until::text as "blockedUntil",
      account.run as "accountRun", account.failures as "inARow"
    from place left join account on true
  `);
  const [row] = rows;
  const reserved = { account, key, free, ...row };
  if (row?.accountRun) {
    return {
      giveBack: () => giveBack(database, { ...reserved, ...row }),
      forgive: () => forgive(database, { ...reserved, ...row }),
    };
  }
  // Another guess was the hundredth, after the account was looked at and before this guess was counted.
  if (row) await giveBack(database, { ...reserved, ...row });
  throw rateLimited(await findWaitSeconds(database, { account, key, isKnown }, now));
}

/** Forgets the guesses at an account from everywhere, because its password is new or an administrator opens it. */
export async function forgetGuesses(database: Database, username: string): Promise<void> {
  const account = accountKey(username);
  await database.execute(sql`
    with places as (
      delete from ${guesses} where account = ${account} and key <> ${account} returning key
    )
    delete from ${guesses} where key = ${account} and (select count(*) from places) >= 0
  `);
}

type ReservedRow = {
  placeRun: string;
  windowEndsAt: string;
  blockedUntil: string | null;
  /** Null when the account let nobody in any more. */
  accountRun: string | null;
  inARow: number | null;
};

type Reserved = ReservedRow & { account: string; key: string; free: number };

// The account's row after the place's, as in each of these statements, so that two never wait for each other.
async function giveBack(database: Database, reserved: Reserved): Promise<void> {
  const { account, key, free, placeRun, windowEndsAt, blockedUntil, accountRun } = reserved;
  await database.execute(sql`
    with place as (
      update ${guesses} set
        failures = failures - 1,
        steps = case when window_ends_at = ${windowEndsAt}::timestamptz then steps - 1 else steps end,
        blocked_until = case
          when window_ends_at = ${windowEndsAt}::timestamptz
            and (steps <= ${free}::int or blocked_until = ${blockedUntil}::timestamptz) then null
          else blocked_until end
      where key = ${key} and run = ${placeRun}::uuid
      returning key
    )
    update ${guesses} set failures = failures - 1
    where key = ${account} and run = ${accountRun}::uuid and (select count(*) from place) >= 0
  `);
}

// An account that is closed stays closed to strangers: the right password from a place that knows the account says
// nothing about those who guess elsewhere. Guesses that were counted after this one are kept too.
async function forgive(database: Database, reserved: Reserved): Promise<void> {
  const { account, key, accountRun, inARow } = reserved;
  await database.execute(sql`
    with place as (
      delete from ${guesses} where key = ${key} returning key
    )
    update ${guesses} set failures = greatest(failures - ${inARow}::int, 0), run = gen_random_uuid()
    where key = ${account} and run = ${accountRun}::uuid and ${inARow}::int <= ${maximumInARow}
      and (select count(*) from place) >= 0
  `);
}

async function findWaitSeconds(
  database: Database,
  { account, key, isKnown }: { account: string; key: string; isKnown: boolean },
  now: Date,
): Promise<number> {
  const rows = await database
    .select()
    .from(guesses)
    .where(inArray(guesses.key, isKnown ? [key] : [key, account]));
  if (rows.some(({ failures }) => failures >= maximumInARow)) return closedSeconds;
  const blockedUntil = rows.find((row) => row.key === key)?.blockedUntil ?? now;
  return Math.max(1, Math.ceil((blockedUntil.getTime() - now.getTime()) / 1000));
}

function accountKey(username: string): string {
  return digest(`name ${username}`);
}

function placeKey(account: string, place: Guess['place']): string {
  return digest(
    'sessionId' in place
      ? `${account} session ${place.sessionId}`
      : `${account} network ${homeNetworkOf(place.ip)}`,
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
