import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Pair, pairFields, refresh, succeeded } from '../support/account.ts';
import { failure, password } from '../support/app.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import {
  copyDataDir,
  killProcesses,
  runProcess,
  type ServerProcess,
  startProcess,
} from '../support/process.ts';
import { refusals } from '../support/refusals.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-keys-'));
afterAll(() => {
  killProcesses();
  rmSync(directory, { recursive: true });
});

const secret = () => randomBytes(48).toString('base64');
const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

const names = ['JWT_SECRET_KEY', 'JWT_PRIVATE_KEY'] as const;
const parts = ['', '_NEXT', '_PREVIOUS'] as const;
const fileOf = (name: string) => join(directory, name);
const write = (name: string, content: string) => writeFileSync(fileOf(name), content);

interface Keys {
  readonly JWT_SECRET_KEY: string;
  readonly JWT_PRIVATE_KEY: string;
}

/** Writes the files as they are in one step of an exchange. */
function writeKeys(now: Keys, { next, previous }: { next?: Keys; previous?: Keys }) {
  for (const name of names) {
    write(name, `${now[name]}\n`);
    write(`${name}_NEXT`, next ? `${next[name]}\n` : '');
    write(`${name}_PREVIOUS`, previous ? `${previous[name]}\n` : '');
  }
}

const oldKeys: Keys = { JWT_SECRET_KEY: secret(), JWT_PRIVATE_KEY: pem() };
const newKeys: Keys = { JWT_SECRET_KEY: secret(), JWT_PRIVATE_KEY: pem() };

const environment: Record<string, string> = {
  NODE_ENV: 'production',
  ...Object.fromEntries(
    names.flatMap((name) => parts.map((part) => [`${name}${part}_FILE`, fileOf(name + part)])),
  ),
};

const headerOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

async function publishedKids({ url }: ServerProcess): Promise<unknown[]> {
  const response = await fetch(new URL('/.well-known/jwks.json', url));
  const { keys } = (await response.json()) as { keys: { kid: unknown }[] };
  return keys.map(({ kid }) => kid);
}

const exchanged = 'the keys were exchanged';
const failed = 'the keys could not be read again: those of before go on';

describe('servers whose keys are in files', () => {
  // Only a Postgres can have two.
  let nodes: ServerProcess[];
  let removeDatabase = async () => {};
  let pair: Pair;
  let exchanges = 0;
  beforeAll(async () => {
    writeKeys(oldKeys, {});
    if (onPostgres) {
      const { databaseUrl, remove } = await createPostgresDatabase();
      removeDatabase = remove;
      const settings = { ...environment, DATABASE_URL: databaseUrl };
      nodes = await Promise.all([startProcess(settings), startProcess(settings)]);
    } else {
      nodes = [await startProcess({ ...environment, DATA_DIR: copyDataDir(fileOf('data')) })];
    }
    const answer = await nodes[0]?.ask(
      `mutation ($password: String!) {
        register(username: "ada", password: $password) { ${pairFields} }
      }`,
      { variables: { password } },
    );
    pair = answer?.data.register;
  });
  afterAll(async () => {
    killProcesses();
    await removeDatabase();
  });

  /** Tells one node after the other to read its keys, and sees after each that all know what all of them sign. */
  async function hangUp() {
    exchanges++;
    for (const moving of nodes) {
      moving.signal('SIGHUP');
      await moving.saidOnStderr(exchanged, exchanges);
      for (const node of nodes) await expectKnownAndGoOn(node);
    }
  }

  async function expectKnownAndGoOn(one: ServerProcess) {
    pair = succeeded(await refresh(one, pair.refreshToken)).refresh;
    for (const node of nodes) {
      expect((await node.ask('{ me { username } }', { token: pair.accessToken })).data).toEqual({
        me: { username: 'ada' },
      });
      expect(await publishedKids(node)).toContain(headerOf(pair.accessToken)['kid']);
    }
  }

  test('exchange the keys on SIGHUP, announced, switched and retired, and no request fails', async () => {
    const before = pair;
    writeKeys(oldKeys, { next: newKeys });
    await hangUp();
    expect(headerOf(pair.accessToken)['kid']).toBe(headerOf(before.accessToken)['kid']);
    writeKeys(newKeys, { previous: oldKeys });
    await hangUp();
    expect(headerOf(pair.accessToken)['kid']).not.toBe(headerOf(before.accessToken)['kid']);
    expect(headerOf(pair.refreshToken)['kid']).not.toBe(headerOf(before.refreshToken)['kid']);
    writeKeys(newKeys, {});
    await hangUp();
    for (const node of nodes) {
      const answer = await node.ask('{ me { id } }', { token: before.accessToken });
      expect(failure(answer)).toEqual(refusals.invalid);
    }
  });

  test('keep their keys when a file is broken, and read the file when it is repaired', async () => {
    write('JWT_PRIVATE_KEY', newKeys.JWT_PRIVATE_KEY.slice(0, 80));
    rmSync(fileOf('JWT_SECRET_KEY'));
    for (const node of nodes) {
      node.signal('SIGHUP');
      await node.saidOnStderr(failed);
      await expectKnownAndGoOn(node);
    }
    const third: Keys = { JWT_SECRET_KEY: secret(), JWT_PRIVATE_KEY: pem() };
    writeKeys(newKeys, { next: third });
    await hangUp();
    const files = names.map((name) => `${name}_FILE`);
    for (const { stderr, exitCode } of await Promise.all(nodes.map(({ end }) => end('SIGTERM')))) {
      expect(exitCode).toBe(0);
      const lines = stderr.split('\n').filter((line) => line.includes(failed));
      expect(lines.map((line) => JSON.parse(line).problems)).toEqual([
        [
          `${files[0]} names a file that cannot be read (ENOENT).`,
          'JWT_PRIVATE_KEY does not fit. A private key must be an unencrypted PEM.',
        ],
      ]);
      for (const keys of [oldKeys, newKeys, third]) {
        expect(stderr).not.toContain(keys.JWT_SECRET_KEY);
        expect(stderr).not.toContain(keys.JWT_PRIVATE_KEY.split('\n')[1]);
      }
    }
  });
});

describe.skipIf(onPostgres)('a SIGHUP', () => {
  test('that comes while a server starts is handled when it has started', async () => {
    writeKeys(oldKeys, {});
    const node = await startProcess(
      { ...environment, JWT_ACCESS_TOKEN_EXPIRES: '86401', DATA_DIR: copyDataDir(fileOf('early')) },
      undefined,
      async ({ signal, saidOnStderr }) => {
        await saidOnStderr('Warning: ');
        writeKeys(oldKeys, { next: newKeys });
        signal('SIGHUP');
      },
    );
    await node.saidOnStderr(exchanged);
    expect(await publishedKids(node)).toHaveLength(2);
    expect((await node.end('SIGTERM')).exitCode).toBe(0);
  });

  test('ends a server that has no secrets in files', async () => {
    const node = await startProcess({ DATA_DIR: copyDataDir(fileOf('none')) });
    node.signal('SIGHUP');
    expect((await node.ended).exitCode).toBe(0);
  });
});

test('a broken key stops a server at the start', async () => {
  writeKeys(oldKeys, {});
  write('JWT_PRIVATE_KEY', 'hunter2');
  expect(await runProcess({ ...environment, DATA_DIR: fileOf('never') })).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `The environment does not fit:
  JWT_PRIVATE_KEY does not fit. A private key must be an unencrypted PEM.
`,
  });
});
