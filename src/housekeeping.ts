import { and, eq, exists, inArray, lt, not, or } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { apiTokens } from './apiToken/table.ts';
import { auditEvents } from './audit/table.ts';
import type { Database } from './database/database.ts';
import { sessions } from './session/table.ts';
import { knownMilliseconds } from './throttle/knownNetworks.ts';
import { guesses, knownNetworks, rateLimits } from './throttle/table.ts';
import { users } from './user/table.ts';

const batchSize = 100;
const toleratedDifferenceSeconds = 5 * 60;
const dayMilliseconds = 24 * 60 * 60 * 1000;
// Long enough for an answer that was lost, and for somebody to wonder what became of a session.
const retentionMilliseconds = 7 * dayMilliseconds;

/**
 * Removes sessions and tokens that ended or expired a week ago, what is kept for 90 days and is older, and audit events
 * that are older than the setting. Works in batches of rows that nobody else has locked, so that any number of nodes
 * can do it at once and nobody waits for it. Returns how many rows it removed.
 */
export async function removeExpired(
  database: Database,
  now: Date,
  auditRetentionDays: number,
): Promise<number> {
  const before = new Date(now.getTime() - retentionMilliseconds);
  const unknownSince = new Date(now.getTime() - knownMilliseconds);
  const ended = or(
    lt(sessions.endedAt, before),
    // A session that only ran out still shows that the device is known.
    and(lt(sessions.expiresAt, before), lt(sessions.lastUsedAt, unknownSince)),
  );
  // The count of an account itself never expires: only the right password and forgetGuesses end it.
  const isOfAccount = exists(
    database.select({ id: users.id }).from(users).where(eq(users.id, guesses.userId)),
  );
  const forgotten = and(
    lt(guesses.lastAt, unknownSince),
    or(eq(guesses.failures, 0), not(isOfAccount)),
  );
  const auditedBefore = new Date(now.getTime() - auditRetentionDays * dayMilliseconds);
  return (
    (await removeInBatches(database, sessions.id, ended)) +
    (await removeInBatches(database, apiTokens.id, lt(apiTokens.expiresAt, before))) +
    (await removeInBatches(database, rateLimits.key, lt(rateLimits.expire, now))) +
    (await removeInBatches(database, auditEvents.id, lt(auditEvents.at, auditedBefore))) +
    (await removeInBatches(database, guesses.key, forgotten)) +
    (await removeInBatches(database, knownNetworks.id, lt(knownNetworks.enteredAt, unknownSince)))
  );
}

async function removeInBatches(
  database: Database,
  key: PgColumn,
  condition: ReturnType<typeof and>,
): Promise<number> {
  let removed = 0;
  let batch: unknown[];
  do {
    const unlocked = database
      .select({ key })
      .from(key.table)
      .where(condition)
      .limit(batchSize)
      .for('update', { skipLocked: true });
    batch = await database.delete(key.table).where(inArray(key, unlocked)).returning({ key });
    removed += batch.length;
  } while (batch.length === batchSize);
  return removed;
}

export interface HousekeepingOptions {
  readonly clock: () => Date;
  /** By how much that clock is ahead of the database's, which the other nodes go by as well. */
  readonly clockDifferenceSeconds: () => Promise<number>;
  readonly auditRetentionDays: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Removes what is expired now and every ten minutes, unless its clock is wrong: a node in next month would remove
 * everybody's sessions. Returns a function that stops it and waits for what runs.
 */
export function startHousekeeping(
  database: Database,
  { clock, clockDifferenceSeconds, auditRetentionDays, onError }: HousekeepingOptions,
): () => Promise<void> {
  const clean = async () => {
    const difference = await clockDifferenceSeconds();
    if (Math.abs(difference) > toleratedDifferenceSeconds) {
      throw new Error(
        `Nothing is removed: this clock and the one of the database differ by ${Math.round(difference)} seconds.`,
      );
    }
    await removeExpired(database, clock(), auditRetentionDays);
  };
  let running: Promise<unknown> = Promise.resolve();
  const cleanOnce = () => {
    running = clean().catch(onError);
  };
  cleanOnce();
  const timer = setInterval(cleanOnce, 10 * 60 * 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
