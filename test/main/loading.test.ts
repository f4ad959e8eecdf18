import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import {
  copyDataDir,
  killProcesses,
  runProcess,
  service,
  startProcess,
} from '../support/process.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-loading-'));
afterAll(() => {
  killProcesses();
  rmSync(directory, { recursive: true });
});

const hook = pathToFileURL(join(import.meta.dirname, '../support/sayWhatIsLoaded.mjs')).href;
const watched = { ...service, args: ['--import', hook, ...service.args] };

const runWatched = (args: readonly string[]) =>
  runProcess({}, { ...watched, args: [...watched.args, ...args] });

/** The packages of others that a process has loaded as modules, by what it said. */
function packagesIn(stderr: string): Set<string> {
  const names = stderr.matchAll(/^loads file:.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//gm);
  return new Set([...names].map(([, name = '']) => name));
}

const embedded = ['@electric-sql/pglite', 'fs-native-extensions'];
const postgres = ['pg'];

// The database plays no part in it.
describe.skipIf(onPostgres)('a command for help loads only the command line', () => {
  test.each([[['--help']], [['user', '--help']]])('%j', async (args) => {
    const { exitCode, stdout, stderr } = await runWatched(args);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Usage: sallyport')]);
    expect([...packagesIn(stderr)]).toEqual(['commander']);
  });
});

describe.skipIf(onPostgres)('a command on the schema loads no database and no server', () => {
  test.each([[['access']], [['schema']]])('%j', async (args) => {
    const { exitCode, stderr } = await runWatched(args);
    expect(exitCode).toBe(0);
    const packages = packagesIn(stderr);
    expect([...embedded, ...postgres, 'fastify'].filter((name) => packages.has(name))).toEqual([]);
    expect(packages).toContain('@graphql-tools/utils');
  });
});

test.skipIf(onPostgres).each([
  ['false', false],
  ['true', true],
])('with GRAPHIQL=%s, the module that serves files is loaded: %s', async (graphiql, isLoaded) => {
  const started = await startProcess(
    { DATA_DIR: copyDataDir(join(directory, graphiql)), GRAPHIQL: graphiql },
    watched,
  );
  const { stderr } = await started.end('SIGTERM');
  expect(packagesIn(stderr).has('@fastify/static')).toBe(isLoaded);
});

test('a server loads its database and no other', async () => {
  const [own, other] = onPostgres ? [postgres, embedded] : [embedded, postgres];
  const { databaseUrl, remove } = onPostgres
    ? await createPostgresDatabase()
    : { databaseUrl: '', remove: async () => {} };
  const started = await startProcess(
    {
      DATA_DIR: copyDataDir(join(directory, 'data')),
      ...(databaseUrl && { DATABASE_URL: databaseUrl }),
    },
    watched,
  );
  const { stderr } = await started.end('SIGTERM');
  await remove();
  const packages = packagesIn(stderr);
  expect(own.filter((name) => !packages.has(name))).toEqual([]);
  expect(other.filter((name) => packages.has(name))).toEqual([]);
});
