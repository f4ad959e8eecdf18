import { sql } from 'drizzle-orm';
import type { NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import { type PgDatabase, PgTransaction } from 'drizzle-orm/pg-core';

/** Postgres, or the embedded database, which is Postgres too. */
export type Database = PgDatabase<NodePgQueryResultHKT>;

/**
 * A database in the middle of a transaction, as `database.transaction` passes it on: what is locked in it stays locked,
 * and what is done in it happens together or not at all. A function that counts on either asks for one by this type.
 */
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

export interface OpenDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

interface Settings {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly databasePoolSize?: number;
}

/**
 * Opens the database and brings its tables up to date, ours and those of `ownMigrations`. Of the two kinds, only the
 * one that is asked for is loaded.
 *
 * @throws an error with a message for the operator when it cannot be reached or is in use
 */
export async function openDatabase(
  { databaseUrl, dataDir, databasePoolSize }: Settings,
  onIdleError: (error: Error) => void,
  ownMigrations: string | URL | null = null,
): Promise<OpenDatabase> {
  if (databaseUrl === null)
    return await (await import('./embedded.ts')).openEmbedded(dataDir, ownMigrations);
  const { openPostgres } = await import('./postgres.ts');
  const settings = { connectionString: databaseUrl, max: databasePoolSize, ownMigrations };
  return await openPostgres(settings, onIdleError);
}

/** Whether a database is one of those that `transaction` passes on. */
export function isTransaction(database: Database): database is Transaction {
  return database instanceof PgTransaction;
}

/** Resolves while the database answers. */
export async function ping(database: Database): Promise<void> {
  await database.execute(sql`select 1`);
}

/**
 * Resolves while the database has room to write: a file grows for it, and is gone again when the transaction ends.
 *
 * @throws the error of the database when there is no room
 */
export async function hasRoom(database: Database): Promise<void> {
  await database.execute(
    sql`create temporary table room on commit drop as select repeat('x', 64) from generate_series(1, 2000)`,
  );
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
