import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { inject, vi } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/database/database.ts';
import { usePglite } from '../../src/database/embedded.ts';
import { databaseUrlOf, runOnServer } from './postgres.ts';

/** Whether this run is on a Postgres server, with connections of its own for each query. */
export const onPostgres = process.env['TEST_DATABASE'] === 'postgres';

/** Opens a migrated, empty database that only the caller uses, until it is closed. */
export async function openTestDatabase(): Promise<OpenDatabase> {
  if (!onPostgres) return await openEmbedded();
  const { databaseUrl, remove } = await createPostgresDatabase();
  const open = await openDatabase({ databaseUrl, dataDir: 'memory:' }, () => {});
  return {
    ...open,
    async close() {
      await open.close();
      await remove();
    },
  };
}

// Embedded databases that nobody uses now: emptying one is quicker than starting another.
const idle: PGlite[] = [];

async function openEmbedded(): Promise<OpenDatabase> {
  const client =
    idle.pop() ?? (await PGlite.create({ loadDataDir: await openAsBlob(inject('template')) }));
  const { database } = await usePglite(client);
  return {
    database,
    async close() {
      // A database in which the time of the process was moved has set itself alarms in the wrong year.
      if (vi.isFakeTimers()) return await client.close();
      await emptyTables(client);
      idle.push(client);
    },
  };
}

/** Creates a migrated, empty database on the Postgres server. */
export async function createPostgresDatabase() {
  const name = `sallyport_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(`create database ${name} template ${inject('template')}`);
  return {
    databaseUrl: databaseUrlOf(name),
    remove: () => runOnServer(`drop database ${name} with (force)`),
  };
}

/** Empties every table but the journals of the migrations, which are not in the schema `public`. */
async function emptyTables(client: PGlite): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const names = rows.map(({ name }) => name).join(', ');
  await client.exec(`truncate ${names} restart identity cascade`);
}
