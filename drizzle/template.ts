import { writeFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { templateFile, usePglite } from '../src/database/embedded.ts';

// Writes the database from which every new embedded one starts, with the migrations of the package in it.
const client = await PGlite.create();
await usePglite(client);
// Who unpacks it recovers, as after a crash, for which Postgres sets an alarm every ten seconds. PGlite never stops it,
// and a process that has nothing left to do would live on.
await client.exec('alter system set log_startup_progress_interval = 0');
const dump = await client.dumpDataDir('gzip');
await writeFile(templateFile, Buffer.from(await dump.arrayBuffer()));
await client.close();
