import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { Database, OpenDatabase } from './database.ts';
import { claimDirectory, keepPrivate } from './dataDirectory.ts';
import { migrateAll } from './migrateAll.ts';
import { oneConnection } from './oneConnection.ts';

/** Opens the embedded database in a directory that no other process uses, and nobody else can read. */
export async function openEmbedded(
  dataDir: string,
  ownMigrations: string | URL | null,
): Promise<OpenDatabase> {
  if (dataDir === 'memory:') return await usePglite(await PGlite.create(), ownMigrations);
  const release = claimDirectory(dataDir);
  try {
    const files = join(dataDir, 'postgres');
    const { database, close } = await usePglite(await PGlite.create(files), ownMigrations);
    keepPrivate(files);
    return { database, close: () => close().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

/** Wraps an embedded database that is open already, and brings its tables up to date. */
export async function usePglite(
  client: PGlite,
  ownMigrations: string | URL | null = null,
): Promise<OpenDatabase> {
  const embedded = drizzle(client);
  await migrateAll((migrations) => migrate(embedded, migrations), ownMigrations);
  // Their results differ only in names that this project does not use.
  const database = embedded as unknown as Database;
  oneConnection.add(database);
  return { database, close: () => client.close() };
}
