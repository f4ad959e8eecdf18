import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { TestProject } from 'vitest/node';
import { usePglite } from '../../src/database/embedded.ts';
import { createTable } from './items/table.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A dump of a migrated embedded database, or the name of a migrated database on the Postgres. */
    template: string;
    /** A directory as DATA_DIR, with a migrated embedded database in it; empty on a Postgres. */
    dataDir: string;
  }
}

/** Makes one migrated database of which every test file starts a copy: a new one would take seconds. */
export default async function makeTemplate({ provide }: TestProject) {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-template-'));
  const client = await PGlite.create();
  const { database } = await usePglite(client);
  await database.execute(createTable);
  const dump = await client.dumpDataDir('none');
  await client.close();
  const file = join(directory, 'database.tar');
  await writeFile(file, Buffer.from(await dump.arrayBuffer()));
  provide('template', file);
  const dataDir = join(directory, 'data');
  await mkdir(dataDir);
  const kept = await PGlite.create({ dataDir: join(dataDir, 'postgres'), loadDataDir: dump });
  await kept.close();
  provide('dataDir', dataDir);
  return () => rm(directory, { recursive: true });
}
