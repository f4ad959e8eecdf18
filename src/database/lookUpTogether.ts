import DataLoader from 'dataloader';
import { type Database, isTransaction } from './database.ts';
import { oneConnection } from './oneConnection.ts';

/** The most look-ups that travel in one statement. */
export const maximumTogether = 100;

// Measured: docs/decisions/look-ups-travel-together.md. Also, a connection that fell silent does not hold up everybody.
const maximumUnderWay = 2;

/** Finds, with one statement, what belongs to each of the keys: as many as there are keys, and in their order. */
export type FindAll<Key, Found> = (
  database: Database,
  keys: readonly Key[],
) => Promise<readonly Found[]>;

/**
 * Makes a look-up whose callers share statements: while one is under way, the look-ups that come wait, and the next
 * statement is for all of them. A look-up that comes alone does not wait. A statement begins after the look-ups in it
 * were asked for, so each of them sees what was committed before; no result is kept for the next statement. When a
 * statement fails, its look-ups fail. In a transaction, a look-up is a statement of that transaction alone.
 */
export function lookUpTogether<Key, Found>(
  findAll: FindAll<Key, Found>,
): (database: Database, key: Key) => Promise<Found> {
  const loaders = new WeakMap<Database, DataLoader<Key, Found>>();
  return async (database, key) => {
    if (isTransaction(database)) {
      const [found] = await findAll(database, [key]);
      return found as Found;
    }
    const loader = loaders.get(database) ?? createLoader(database, findAll);
    loaders.set(database, loader);
    return await loader.load(key);
  };
}

/** How many statements of one kind may be under way at once. */
export function statementsAtOnce(database: Database): number {
  return oneConnection.has(database) ? 1 : maximumUnderWay;
}

function createLoader<Key, Found>(
  database: Database,
  findAll: FindAll<Key, Found>,
): DataLoader<Key, Found> {
  const maximum = statementsAtOnce(database);
  const waiting: (() => void)[] = [];
  let underWay = 0;
  const sendNext = () => {
    if (underWay < maximum) waiting.shift()?.();
  };
  return new DataLoader<Key, Found>(
    async (keys) => {
      underWay += 1;
      try {
        return await findAll(database, keys);
      } finally {
        underWay -= 1;
        sendNext();
      }
    },
    {
      cache: false,
      maxBatchSize: maximumTogether,
      batchScheduleFn(send) {
        waiting.push(send);
        // What has reached the server by now is read first, and travels along.
        setImmediate(sendNext);
      },
    },
  );
}
