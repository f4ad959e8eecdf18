import { type and, inArray, lt, or } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { apiTokens } from './apiToken/table.ts';
import type { Database } from './database.ts';
import { sessions } from './session/table.ts';
import { rateLimits } from './throttle/table.ts';

const batchSize = 100;
// Long enough for an answer that was lost, and for somebody to wonder what became of a session.
const retentionMilliseconds = 7 * 24 * 60 * 60 * 1000;

/**
 * Removes what ended or expired a week ago, in batches of rows that nobody else has locked, so that any number of nodes
 * can do it at once and nobody waits for it. Says how many rows it removed.
 */
export async function removeExpired(database: Database, now: Date): Promise<number> {
  const before = new Date(now.getTime() - retentionMilliseconds);
  const ended = or(lt(sessions.endedAt, before), lt(sessions.expiresAt, before));
  return (
    (await removeInBatches(database, sessions.id, ended)) +
    (await removeInBatches(database, apiTokens.id, lt(apiTokens.expiresAt, before))) +
    (await removeInBatches(database, rateLimits.key, lt(rateLimits.expire, now)))
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

/** Removes what is expired now and every ten minutes; gives a function that stops it and waits for what runs. */
export function startHousekeeping(
  database: Database,
  { clock, onError }: { clock: () => Date; onError: (error: unknown) => void },
): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  const clean = () => {
    running = removeExpired(database, clock()).catch(onError);
  };
  clean();
  const timer = setInterval(clean, 10 * 60 * 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
