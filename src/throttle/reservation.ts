import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { type Rider, rider, sendAlone } from '../database/riders.ts';
import { guesses } from './table.ts';

/** How many wrong passwords in a row an account may have, and a place that knows it (NIST SP 800-63B-4, 3.2.2). */
export const maximumInARow = 100;

/** A guess that was counted before it was checked. A wrong password stays counted. */
export interface Reservation {
  /** For a password that was not checked after all: takes back this guess, and no other. */
  giveBack(): Promise<void>;
  /** For the right password: what was counted before it, at its place and for the account, is forgotten. */
  forgive(): Promise<void>;
  /** What `forgive` does, for a statement of a transaction that has the user locked. */
  readonly forgiveness: readonly Rider[];
}

/** The rows of a place and its account when a guess was counted there. */
export interface CountedGuess {
  readonly account: string;
  readonly key: string;
  /** How many attempts the place has before it waits. */
  readonly free: number;
  readonly placeRun: string | null;
  readonly windowEndsAt: string | null;
  readonly blockedUntil: string | null;
  /** Null when the account let nobody in any more. */
  readonly accountRun: string | null;
  readonly inARow: number | null;
}

export function createReservation(database: Database, counted: CountedGuess): Reservation {
  const forgiveness = forgive(counted);
  return {
    giveBack: () => giveBack(database, counted),
    forgive: () => sendAlone(database, forgiveness),
    forgiveness,
  };
}

// The account's row after the place's, as in each of these statements, so that two never wait for each other.
export async function giveBack(database: Database, counted: CountedGuess): Promise<void> {
  const { account, key, free, placeRun, windowEndsAt, blockedUntil, accountRun } = counted;
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
function forgive({ account, key, accountRun, inARow }: CountedGuess): Rider[] {
  return [
    rider('forgiven_place', sql`delete from ${guesses} where key = ${key} returning key`),
    rider(
      'forgiven_account',
      sql`update ${guesses}
        set failures = greatest(failures - ${inARow}::int, 0), run = gen_random_uuid()
        where key = ${account} and run = ${accountRun}::uuid and ${inARow}::int <= ${maximumInARow}
          and (select count(*) from forgiven_place) >= 0`,
    ),
  ];
}
