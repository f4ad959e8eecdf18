import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { inject } from 'vitest';
import { type OpenDatabase, openDatabase, usePglite } from '../../src/database.ts';
import { databaseUrlOf, runOnServer } from './postgres.ts';

/** Whether this run is on a Postgres server, with connections of its own for each query. */
export const onPostgres = process.env['TEST_DATABASE'] === 'postgres';

/** Opens a migrated, empty database that only the caller uses. Closing it removes it. */
export async function openTestDatabase(): Promise<OpenDatabase> {
  const { databaseUrl, remove } = onPostgres
    ? await createPostgresDatabase()
    : { databaseUrl: null, remove: null };
  if (databaseUrl === null) {
    const loadDataDir = await openAsBlob(inject('template'));
    return await usePglite(await PGlite.create({ loadDataDir }));
  }
  const open = await openDatabase({ databaseUrl, dataDir: 'memory:' }, () => {});
  return {
    ...open,
    async close() {
      await open.close();
      await remove();
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
