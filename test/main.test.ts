import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { login, type Pair, pairFields, refresh } from './support/account.ts';
import { failure, password } from './support/app.ts';
import { onPostgres } from './support/database.ts';
import {
  killProcesses,
  runProcess,
  type ServerProcess,
  sources,
  startProcess,
} from './support/process.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-main-'));
const dataDir = join(directory, 'data');
const keyFile = join(dataDir, 'jwt-secret-key');
afterAll(() => {
  killProcesses();
  rmSync(directory, { recursive: true });
});

async function registerAda({ ask }: ServerProcess, username = 'ada'): Promise<Pair> {
  const answer = await ask(
    `mutation ($username: String!, $password: String!) {
      register(username: $username, password: $password) { ${pairFields} }
    }`,
    { variables: { username, password } },
  );
  expect(answer.errors).toEqual([]);
  return answer.data.register;
}

/** Begins a sign-in whose body is sent only when `finish` is called. The server has it in its hands by then. */
async function beginSignIn({ url }: ServerProcess, username: string) {
  const body = JSON.stringify({
    query: `mutation { login(username: "${username}", password: "${password}") { fresh } }`,
  });
  const signIn = request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  signIn.flushHeaders();
  await once(signIn, 'continue');
  return async () => {
    signIn.end(body);
    const [response] = await once(signIn, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return JSON.parse(text);
  };
}

/** Waits until nobody listens there any more. */
async function refusedAt(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (!connected) return;
  }
}

// One story on one data directory, because each start takes a second.
describe.skipIf(onPostgres)('a server on the embedded database', () => {
  let server: ServerProcess;
  let ada: Pair;
  let key: string;

  test('serves from the moment of its ready line, which has its port', async () => {
    server = await startProcess({ DATA_DIR: dataDir }, sources);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/graphql`);
    expect(server.port).toBeGreaterThan(0);
    expect((await fetch(new URL('/readyz', server.url))).status).toBe(200);
    ada = await registerAda(server);
    expect((await server.ask('{ me { username } }', { token: ada.accessToken })).data).toEqual({
      me: { username: 'ada' },
    });
  });

  test('keeps a key of its own that only its owner can read', () => {
    key = readFileSync(keyFile, 'utf8');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(Buffer.from(key, 'base64').length).toBeGreaterThanOrEqual(32);
  });

  test('finishes on SIGTERM what it has begun, takes nothing new, and exits with 0', async () => {
    const signIns = await Promise.all([1, 2, 3, 4].map(() => beginSignIn(server, 'ada')));
    server.signal('SIGTERM');
    await refusedAt(server.port);
    const answers = await Promise.all(signIns.map((finish) => finish()));
    const answered = performance.now();
    expect(answers).toEqual(Array(4).fill({ data: { login: { fresh: true } } }));
    const { exitCode, stdout, stderr } = await server.ended;
    expect(exitCode).toBe(0);
    // Connections that clients would keep open do not hold it up.
    expect(performance.now() - answered).toBeLessThan(2_500);
    expect(stdout.match(/http:\/\/\S*\/graphql/g)).toEqual([server.url]);
    expect(stdout.split('\n').filter((line) => line.includes(server.url))).toHaveLength(1);
    expect(stderr).toContain('Set JWT_SECRET_KEY before others use this server.');
    expect(stdout + stderr).not.toContain(key.trim());
  });

  test('has its accounts, sessions and key after a restart', async () => {
    cpSync(dataDir, join(directory, 'copy'), { recursive: true });
    // With an administrator whose name somebody has already.
    server = await startProcess({
      DATA_DIR: dataDir,
      ADMIN_USERNAME: 'Ada',
      ADMIN_PASSWORD: 'another horse battery',
    });
    expect(readFileSync(keyFile, 'utf8')).toBe(key);
    expect((await server.ask('{ me { username } }', { token: ada.accessToken })).data).toEqual({
      me: { username: 'ada' },
    });
    const refreshed = await refresh(server, ada.refreshToken);
    expect(refreshed.errors).toEqual([]);
    ada = refreshed.data.refresh;
  });

  test('never changes an account that has the name of the administrator', async () => {
    const { accessToken } = await login(server, 'ada');
    expect((await server.ask('{ me { isAdmin } }', { token: accessToken })).data).toEqual({
      me: { isAdmin: false },
    });
    const answer = await server.ask(
      'mutation { login(username: "ada", password: "another horse battery") { fresh } }',
    );
    expect(failure(answer)).toMatchObject({ reason: 'INVALID_CREDENTIALS' });
  });

  test('does not share its directory', async () => {
    const { exitCode, stdout, stderr } = await runProcess({ DATA_DIR: dataDir });
    expect([exitCode, stdout, stderr]).toEqual([
      1,
      '',
      `Sallyport cannot go on. Another process uses the database in ${dataDir}. Stop it, or set DATA_DIR or DATABASE_URL.\n`,
    ]);
    expect((await fetch(new URL('/readyz', server.url))).status).toBe(200);
  });

  test('does not share its port', async () => {
    const { exitCode, stdout, stderr } = await runProcess({
      DATA_DIR: join(directory, 'copy'),
      PORT: String(server.port),
    });
    expect([exitCode, stdout]).toEqual([1, '']);
    const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(said).toEqual([
      `Sallyport cannot go on. listen EADDRINUSE: address already in use 127.0.0.1:${server.port}`,
    ]);
  });

  test('loses nothing that it has answered when it is killed, and starts again at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `before-the-kill-${index}`);
    const pairs = await Promise.all(names.map((name) => registerAda(server, name)));
    await server.end('SIGKILL');
    server = await startProcess({
      DATA_DIR: dataDir,
      ADMIN_USERNAME: 'root',
      ADMIN_PASSWORD: 'another horse battery',
    });
    for (const [index, { accessToken }] of pairs.entries()) {
      expect((await server.ask('{ me { username } }', { token: accessToken })).data).toEqual({
        me: { username: names[index] },
      });
    }
  });

  test('has the administrator it was told of, who may remove items', async () => {
    const answer = await server.ask(
      'mutation { login(username: "root", password: "another horse battery") { accessToken } }',
    );
    const { accessToken: token } = answer.data.login;
    await server.ask('mutation { createItem(name: "thing", price: 1) { id } }', { token });
    expect((await server.ask('mutation { deleteItem(name: "thing") }', { token })).data).toEqual({
      deleteItem: true,
    });
  });

  test('exits with 0 on SIGINT', async () => {
    expect((await server.end('SIGINT')).exitCode).toBe(0);
  });
});

describe.skipIf(onPostgres)('a server that cannot start', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'with every problem of its settings',
      { NODE_ENV: 'production', PORT: 'banana', JWT_LEEWAY: '-1', JWT_TYPO: '1' },
      `The environment does not fit:
  JWT_TYPO is not a setting of this server.
  PORT must be a whole number from 0 to 65535.
  JWT_LEEWAY must be a whole number from 0 to 300.
  JWT_SECRET_KEY must be set in production: make one with \`openssl rand -base64 48\`.
`,
    ],
    [
      'without its Postgres',
      { DATABASE_URL: 'postgres://root:hunter2@127.0.0.1:1/db' },
      'Sallyport cannot go on. Cannot connect to the Postgres of DATABASE_URL. connect ECONNREFUSED 127.0.0.1:1\n',
    ],
  ])('%s, says so on standard error and exits with 1', async (_what, environment, stderr) => {
    expect(await runProcess({ DATA_DIR: join(directory, 'never'), ...environment })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr,
    });
  });
});
