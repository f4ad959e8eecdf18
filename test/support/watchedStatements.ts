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

export interface WatchedLookUps {
  /** Waits until so many look-ups were asked for, from now on. */
  untilAsked(count: number): Promise<void>;
  /** Waits until so many of those were answered. */
  untilAnswered(count: number): Promise<void>;
}

export function watchLookUps(): WatchedLookUps {
  const load = vi.spyOn(DataLoader.prototype, 'load');
  onTestFinished(() => load.mockRestore());
  const patience = { timeout: 20_000, interval: 5 };
  const answered = () => load.mock.settledResults.filter(({ type }) => type === 'fulfilled').length;
  return {
    untilAsked: (count) => vi.waitUntil(() => load.mock.calls.length >= count, patience).then(),
    untilAnswered: (count) => vi.waitUntil(() => answered() >= count, patience).then(),
  };
}
