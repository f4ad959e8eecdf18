import DataLoader from 'dataloader';
import { onTestFinished, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { type Deferred, deferred } from './deferred.ts';

export interface WatchedStatements {
  /** How many were sent since the last reset. */
  count(): number;
  /** Counts from none again, and breaks no more. */
  reset(): void;
  /** From now on, they wait before they reach the database. */
  hold(): void;
  /** Lets go what waits, and all that comes. */
  release(): void;
  /** The next one fails. */
  failNext(): void;
}

interface Prepared {
  execute(...given: unknown[]): Promise<unknown>;
}

/**
 * Counts, holds up and breaks the statements of a database that have a text in them. To be called before the first of
 * them is prepared.
 */
export function watchStatements(database: Database, text: string): WatchedStatements {
  const { session } = database as unknown as {
    session: { prepareQuery(query: { sql: string }, ...given: unknown[]): Prepared };
  };
  let count = 0;
  let failing: number | null = null;
  let gate: Deferred<void> | null = null;
  const prepareQuery = session.prepareQuery.bind(session);
  session.prepareQuery = (query, ...given) => {
    const prepared = prepareQuery(query, ...given);
    if (!query.sql.includes(text)) return prepared;
    const execute = prepared.execute.bind(prepared);
    prepared.execute = async (...values) => {
      count += 1;
      const fails = count === failing;
      await gate?.promise;
      if (fails) throw new Error('The statement failed.');
      return await execute(...values);
    };
    return prepared;
  };
  return {
    count: () => count,
    reset() {
      count = 0;
      failing = null;
    },
    hold() {
      gate = deferred();
    },
    release() {
      gate?.resolve();
      gate = null;
    },
    failNext() {
      failing = count + 1;
    },
  };
}

/** Counts the look-ups that were asked for, and waits until there are as many. */
export function watchLookUps(): { untilAsked(count: number): Promise<void> } {
  const load = vi.spyOn(DataLoader.prototype, 'load');
  onTestFinished(() => load.mockRestore());
  return {
    untilAsked: (count) =>
      vi.waitUntil(() => load.mock.calls.length >= count, { timeout: 20_000, interval: 5 }).then(),
  };
}
