import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { Database, OpenDatabase } from './database.ts';
import { claimDirectory, keepPrivate } from './dataDirectory.ts';
import { keepStatements } from './keepStatements.ts';
import { migrateAll } from './migrateAll.ts';
import { oneConnection } from './oneConnection.ts';
import { stepByStep } from './stepByStep.ts';

/**
 * A migrated, empty database, as the build dumped it: unpacking it takes a third of the time and of the memory of
 * making one. What the build did not know of is migrated afterwards, as in every database.
 */
export const templateFile = fileURLToPath(new URL('../../dist/database.tar.gz', import.meta.url));

/** Opens the embedded database in a directory that no other process uses, and nobody else can read. */
export async function openEmbedded(
  dataDir: string,
  ownMigrations: string | URL | null,
): Promise<OpenDatabase> {
  if (dataDir === 'memory:') return await usePglite(await unpackTemplate(), ownMigrations);
  const release = claimDirectory(dataDir);
  try {
    const files = join(dataDir, 'postgres');
    const { database, close } = await usePglite(await openFiles(dataDir, files), ownMigrations);
    keepPrivate(files);
    return { database, close: () => close().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

/** Unpacks the template into memory, or into a directory in which there is no database yet. */
export async function unpackTemplate(files = 'memory://'): Promise<PGlite> {
  // Without a build there is none: a new one is made.
  if (!existsSync(templateFile)) return await PGlite.create(files);
  // Not openAsBlob: its handle would keep a process alive that has nothing left to do.
  return await PGlite.create(files, { loadDataDir: new Blob([readFileSync(templateFile)]) });
}

// A process that is killed while it makes the database leaves half of one, in which nobody has stored anything yet. The
// mark says so to the next one, which begins again.
async function openFiles(dataDir: string, files: string): Promise<PGlite> {
  const mark = join(dataDir, 'unfinished');
  if (existsSync(mark)) emptyDirectory(files);
  if (existsSync(join(files, 'PG_VERSION'))) return await PGlite.create(files);
  writeFileSync(mark, '', { mode: 0o600 });
  const client = await unpackTemplate(files);
  rmSync(mark);
  return client;
}

function emptyDirectory(directory: string): void {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
}

/** Wraps an embedded database that is open already, and brings its tables up to date. */
export async function usePglite(
  client: PGlite,
  ownMigrations: string | URL | null = null,
): Promise<OpenDatabase> {
  stepByStep(client);
  keepStatements(client);
  const embedded = drizzle(client);
  await migrateAll((migrations) => migrate(embedded, migrations), ownMigrations);
  // Their results differ only in names that this project does not use.
  const database = embedded as unknown as Database;
  oneConnection.add(database);
  return { database, close: () => client.close() };
}
