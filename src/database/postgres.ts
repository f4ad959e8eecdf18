import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { ConnectionPool, type PoolTimeLimits } from './connectionPool.ts';
import type { OpenDatabase } from './database.ts';
import { migrateAll } from './migrateAll.ts';

// Any number, as long as every node uses the same.
const migrationLock = 7_025_167;

/** Opens a Postgres, after bringing its tables up to date. */
export async function openPostgres(
  {
    ownMigrations = null,
    ...settings
  }: {
    connectionString: string;
    max?: number | undefined;
    ownMigrations?: string | URL | null;
  },
  onIdleError: (error: Error) => void,
  limits?: PoolTimeLimits,
): Promise<OpenDatabase> {
  await migrateUnderLock(settings.connectionString, ownMigrations);
  const pool = new ConnectionPool(settings, onIdleError, limits);
  return { database: drizzle(pool), close: () => pool.end() };
}

// A lock belongs to its connection, so the migration must run on that one. Nodes that start together take turns, for as
// long as a migration takes: only connecting has a time limit.
async function migrateUnderLock(
  connectionString: string,
  ownMigrations: string | URL | null,
): Promise<void> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  try {
    await client.connect();
  } catch (error) {
    throw new Error('Cannot connect to the Postgres of DATABASE_URL.', { cause: error });
  }
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const database = drizzle(client);
    await migrateAll((migrations) => migrate(database, migrations), ownMigrations);
  } finally {
    await client.end();
  }
}
