import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle as drizzlePostgres, type NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import { tryLock } from 'fs-native-extensions';
import pg from 'pg';
import { ConnectionPool } from './connectionPool.ts';

/** Postgres, or the embedded database, which is Postgres too. */
export type Database = PgDatabase<NodePgQueryResultHKT>;

export interface OpenDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

const migrations = { migrationsFolder: fileURLToPath(new URL('../drizzle', import.meta.url)) };
// Any number, as long as every node uses the same.
const migrationLock = 7_025_167;

/**
 * Opens the database and brings its tables up to date.
 *
 * @throws an error with a message for the operator when it cannot be reached or is in use
 */
export async function openDatabase(
  { databaseUrl, dataDir }: { databaseUrl: string | null; dataDir: string },
  onIdleError: (error: Error) => void,
): Promise<OpenDatabase> {
  return databaseUrl === null
    ? await openEmbedded(dataDir)
    : await openPostgres(databaseUrl, onIdleError);
}

async function openPostgres(
  connectionString: string,
  onIdleError: (error: Error) => void,
): Promise<OpenDatabase> {
  await migrateUnderLock(connectionString);
  const pool = new ConnectionPool(
    { connectionString, connectionTimeoutMillis: 5_000, statement_timeout: 10_000 },
    onIdleError,
  );
  return { database: drizzlePostgres(pool), close: () => pool.end() };
}

// A lock belongs to its connection, so the migration must run on that one. Nodes that start together take turns.
async function migrateUnderLock(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
  } catch (error) {
    throw new Error('Cannot connect to the Postgres of DATABASE_URL.', { cause: error });
  }
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await migratePostgres(drizzlePostgres(client), migrations);
  } finally {
    await client.end();
  }
}

async function openEmbedded(dataDir: string): Promise<OpenDatabase> {
  if (dataDir === 'memory:') return await usePglite(await PGlite.create());
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Error(`DATA_DIR ${resolve(dataDir)} cannot be used as a directory.`, { cause });
  }
  const unlock = lockDirectory(dataDir);
  try {
    const { database, close } = await usePglite(await PGlite.create(join(dataDir, 'postgres')));
    return { database, close: () => close().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Wraps an embedded database that is open already, and brings its tables up to date. */
export async function usePglite(client: PGlite): Promise<OpenDatabase> {
  const database = drizzlePglite(client);
  await migratePglite(database, migrations);
  return {
    // Their results differ only in names that this project does not use.
    database: database as unknown as Database,
    close: () => client.close(),
  };
}

// Two processes in one directory would silently lose each other's rows. The kernel gives the lock back when its file is
// closed, which it is when the process ends, however it ends.
function lockDirectory(dataDir: string): () => void {
  const lockFile = openSync(join(dataDir, 'lock'), 'a');
  if (!tryLock(lockFile)) {
    closeSync(lockFile);
    throw new Error(
      `Another process uses the database in ${resolve(dataDir)}. Stop it, or set DATA_DIR or DATABASE_URL.`,
    );
  }
  return () => closeSync(lockFile);
}

/** Resolves while the database answers. */
export async function ping(database: Database): Promise<void> {
  await database.execute(sql`select 1`);
}

/**
 * Makes a statement that is built once for each database and prepared once on each of its connections: what a request
 * runs every time should not be put together every time.
 */
export function preparedOnce<Statement>(
  prepare: (database: Database) => Statement,
): (database: Database) => Statement {
  const prepared = new WeakMap<Database, Statement>();
  return (database) => {
    const statement = prepared.get(database) ?? prepare(database);
    prepared.set(database, statement);
    return statement;
  };
}
