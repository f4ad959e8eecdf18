import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { password } from '../support/app.ts';
import { root } from '../support/checkout.ts';
import { onPostgres } from '../support/database.ts';
import { blocksOf } from '../support/documentation.ts';
import { copyDataDir, service } from '../support/process.ts';

const manifestOf = async (folder: string) =>
  JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));

test('README.md has the commands that .ci/run takes from it, each alone in its block', async () => {
  const script = await readFile(join(root, '.ci/run'), 'utf8');
  const taken = [...script.matchAll(/readme_command '(.*)'/g)].map(([, command]) => command);
  const said = blocksOf('start').map(({ code }) => /^npm ci && (.*)\n$/.exec(code)?.[1]);
  expect(said.toSorted()).toEqual(taken.toSorted());
});

test('a page installs packages of this repository, or their peers', async () => {
  for (const { page, code } of blocksOf('install')) {
    const { name, peerDependencies = {} } = await manifestOf(join(page, '..'));
    const [installed, ...beside] = code.trim().split(' ').slice(2);
    expect(installed).toBe(name);
    for (const peer of beside) expect(Object.keys(peerDependencies)).toContain(peer);
  }
});

// The database of a process of its own; on Postgres, the commands are tested where they are.
describe.skipIf(onPostgres)('in a terminal', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sallyport-docs-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** Types commands of a page, which run what was built, and returns what they printed. */
  async function type(commands: string): Promise<string> {
    const script = `
      npm() { shift 3; program user "$@"; }
      npx() { shift; program "$@"; }
      program() { ${process.execPath} ${service.args.join(' ')} "$@" <<< '${password}'; }
      ${commands}`;
    const env = { PATH: process.env['PATH'], DATA_DIR: copyDataDir(join(directory, 'data')) };
    const options = { cwd: directory, env };
    return (await promisify(execFile)('bash', ['--norc', '-ec', script], options)).stdout;
  }

  test('the commands of an operator print the quoted output', async () => {
    const [block] = blocksOf('operator');
    expect((await type(block?.code ?? '')).trimEnd().split('\n')).toEqual([
      'Made the administrator root.',
      'Made the account ada.',
      'Changed the password of ada, ended all sessions and revoked all API tokens.',
      'ada is an administrator.',
      'ada is no longer an administrator.',
      'The account ada is disabled.',
      '0 sessions ended.',
    ]);
  }, 120_000);

  test('the operation of docs/gate.md is explained as the page quotes', async () => {
    const [operation, command, printed] = blocksOf('explanation');
    await writeFile(join(directory, 'query.graphql'), operation?.code ?? '');
    expect(await type(command?.code ?? '')).toBe(printed?.code);
  });

  test('the schema is written to the file that docs/clients.md names', async () => {
    const [command] = blocksOf('types');
    await type(command?.code ?? '');
    expect(await readdir(directory)).toContain('schema.graphql');
  });
});
