import { createHash } from 'node:crypto';
import { eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { type Rider, rider, sendAlone } from '../database/riders.ts';
import { rateLimited } from '../errors.ts';
import { type UserRow, users } from '../user/table.ts';
import { selectSuspect } from './knownNetworks.ts';
import { homeNetworkOf } from './networkOf.ts';
import {
  type CountedGuess,
  createReservation,
  giveBack,
  maximumInARow,
  type Reservation,
} from './reservation.ts';
import { guesses } from './table.ts';

const minute = 60;
const day = 24 * 60 * minute;
const freeWindowSeconds = 5 * minute;
// After the free attempts, each attempt has to wait so long. After a day without attempts, a place begins anew.
const waitsSeconds = [1, 2, 4, 8, 15].map((minutes) => minutes * minute);
const memorySeconds = day;

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
  const { username, userId, place } = guess;
  const isKnown = 'sessionId' in place || place.isKnown;
  const keys = keysOf(username, place);
  const rows = await database
    .with(...count({ ...keys, userId: sql`${userId}`, isKnown: sql`${isKnown}` }, free, now))
    .select(countedRow)
    .from(sql`(select) as guess left join place on true left join account on true`);
  return await toReservation(database, { ...keys, free, isKnown, ...only(rows) }, now);
}

/** The user of the name, and the reservation or why there is none. */
export type GuessAtName = { readonly user: UserRow | null } & (
  | { readonly reservation: Reservation }
  | { readonly refusal: unknown }
);

/** Does what reserveGuess does for a guess from a network, and finds the user of the name, with the same statement. */
export async function reserveGuessAtName(
  database: Database,
  { username, ip }: { readonly username: string; readonly ip: string },
  free: number,
  now: Date,
): Promise<GuessAtName> {
  const keys = keysOf(username, { ip });
  const suspect = rider('suspect', selectSuspect(username, ip, now));
  const userId = sql`(select id from suspect)`;
  const isKnown = sql<boolean>`coalesce((select is_known from suspect), false)`;
  const rows = await database
    .with(suspect, ...count({ ...keys, userId, isKnown }, free, now))
    .select({ user: users, isKnown, ...countedRow })
    .from(sql`(select) as guess left join place on true left join account on true`)
    .leftJoin(users, eq(users.username, username))
    .prepare('count_guess_at_name')
    .execute();
  const { user, ...counted } = only(rows);
  return await toReservation(database, { ...keys, free, ...counted }, now).then(
    (reservation) => ({ user, reservation }),
    (refusal) => ({ user, refusal }),
  );
}

interface Counting {
  readonly account: string;
  readonly key: string;
  readonly userId: SQL;
  readonly isKnown: SQL;
}

// The rows of the place and, if that lets the guess in, of the account.
function count({ account, key, userId, isKnown }: Counting, free: number, now: Date): Rider[] {
  const at = sql`${now.toISOString()}::timestamptz`;
  const later = (seconds: number) => sql`${at} + make_interval(secs => ${seconds})`;
  const wait = (steps: SQL) => sql`case when ${steps} >= ${free}::int then
    ${at} + make_interval(secs => (array[${sql.raw(waitsSeconds.join())}])[
      least(${steps} - ${free}::int, ${sql.raw(String(waitsSeconds.length - 1))}) + 1
    ]) end`;
  const steps = sql`case
    when counted.steps < ${free}::int and counted.window_ends_at <= ${at} then 1
    when counted.last_at <= ${later(-memorySeconds)} then 1
    else counted.steps + 1 end`;
  return [
    rider(
      'place',
      sql`insert into ${guesses} as counted
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
      returning run, window_ends_at, blocked_until`,
    ),
    rider(
      'account',
      sql`insert into ${guesses} as counted (key, account, user_id, failures, steps, last_at)
      select ${account}, ${account}, ${userId}::uuid, 1, 0, ${at} from place
      on conflict (key) do update set
        failures = counted.failures + 1, user_id = excluded.user_id, last_at = excluded.last_at
      where ${isKnown} or counted.failures < ${maximumInARow}
      returning run, failures`,
    ),
  ];
}

const countedRow = {
  placeRun: sql<string | null>`place.run`,
  windowEndsAt: sql<string | null>`place.window_ends_at::text`,
  blockedUntil: sql<string | null>`place.blocked_until::text`,
  /** Null when the account let nobody in any more. */
  accountRun: sql<string | null>`account.run`,
  inARow: sql<number | null>`account.failures`,
};

/** @throws RATE_LIMITED when the guess was not counted */
async function toReservation(
  database: Database,
  counted: CountedGuess & { readonly isKnown: boolean },
  now: Date,
): Promise<Reservation> {
  if (counted.accountRun !== null) return createReservation(database, counted);
  // Another guess was the hundredth, after the account was looked at and before this guess was counted.
  if (counted.placeRun !== null) await giveBack(database, counted);
  throw rateLimited(await findWaitSeconds(database, counted, now));
}

/** Forgets the guesses at an account from everywhere, because its password is new or an administrator opens it. */
export async function forgetGuesses(database: Database, username: string): Promise<void> {
  await sendAlone(database, forgettingGuesses(username));
}

/** What forgetGuesses does, for another statement. */
export function forgettingGuesses(username: string): Rider[] {
  const account = accountKey(username);
  return [
    rider(
      'forgotten_places',
      sql`delete from ${guesses} where account = ${account} and key <> ${account} returning key`,
    ),
    rider(
      'forgotten_account',
      sql`delete from ${guesses}
        where key = ${account} and (select count(*) from forgotten_places) >= 0`,
    ),
  ];
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

// A statement that counts says whether it did: it always has a row.
function only<Row>([row]: readonly Row[]): Row {
  if (!row) throw new Error('A guess was neither counted nor refused.');
  return row;
}

function keysOf(username: string, place: { sessionId: string } | { ip: string }) {
  const account = accountKey(username);
  return { account, key: placeKey(account, place) };
}

function accountKey(username: string): string {
  return digest(`name ${username}`);
}

function placeKey(account: string, place: { sessionId: string } | { ip: string }): string {
  return digest(
    'sessionId' in place
      ? `${account} session ${place.sessionId}`
      : `${account} network ${homeNetworkOf(place.ip)}`,
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
