import { writeFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { templateFile, usePglite } from '../src/database/embedded.ts';

// Writes the database from which every new embedded one starts, with the migrations of the package in it.
const client = await PGlite.create();
await usePglite(client);
const dump = await client.dumpDataDir('gzip');
await writeFile(templateFile, Buffer.from(await dump.arrayBuffer()));
await client.close();
