import type { Database } from '../../src/database/database.ts';

/** A database that fails whatever is done with it, to see that nothing is. */
export const untouchableDatabase = new Proxy({} as Database, {
  get(_target, property) {
    throw new Error(`The database was touched: ${String(property)}`);
  },
});
