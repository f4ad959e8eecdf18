import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';

// Nothing but the embedded database, opened for the first time from the file that the build made.
const [template, directory] = process.argv.slice(2);
const database = await PGlite.create(directory, {
  loadDataDir: new Blob([await readFile(template)]),
});
await database.query('select 1');
console.log('It serves nothing: http://127.0.0.1:0/');
setInterval(() => {}, 60_000);
