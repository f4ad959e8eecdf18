import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { login, type Pair, pairFields, refresh } from './support/account.ts';
import { failure, password } from './support/app.ts';
import { onPostgres } from './support/database.ts';
import {
  checkout,
  copyDataDir,
  killProcesses,
  runProcess,
  type ServerProcess,
  startProcess,
} from './support/process.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-main-'));
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

const agent = new Agent({ keepAlive: true });

/**
 * Begins a sign-in whose body is sent only when `finish` is called. The server has it in its hands by then. `closed` is
 * when the server closes the connection: the client never does.
 */
async function beginSignIn({ url }: ServerProcess, username: string) {
  const body = JSON.stringify({
    query: `mutation { login(username: "${username}", password: "${password}") { fresh } }`,
  });
  const signIn = request(url, {
    method: 'POST',
    agent,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  signIn.flushHeaders();
  await once(signIn, 'continue');
  const closed = new Promise<void>((resolve) => void signIn.socket?.once('close', () => resolve()));
  const finish = async () => {
    signIn.end(body);
    const [response] = await once(signIn, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return JSON.parse(text);
  };
  return { finish, closed };
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

let directories = 0;
const newDirectory = () => join(directory, String(++directories));

/** A server on a database of its own that is there already. */
async function startAnew(environment: Record<string, string> = {}): Promise<ServerProcess> {
  return await startProcess({ DATA_DIR: copyDataDir(newDirectory()), ...environment });
}

const usernameOf = async ({ ask }: ServerProcess, { accessToken }: Pair) =>
  (await ask('{ me { username } }', { token: accessToken })).data.me.username;

describe.skipIf(onPostgres)('a server on a directory that does not exist', () => {
  const dataDir = newDirectory();
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startProcess({ DATA_DIR: dataDir }, checkout);
  });

  test('serves requests once its ready line, with its port, is printed', async () => {
    expect(server.url).toBe(`http://localhost:${server.port}/graphql`);
    expect(server.port).toBeGreaterThan(0);
    expect((await fetch(new URL('/readyz', server.url))).status).toBe(200);
    expect(await usernameOf(server, await registerAda(server))).toBe('ada');
  });

  test('stores a key of its own that only its owner can read', () => {
    const key = readFileSync(join(dataDir, 'jwt-secret-key'), 'utf8');
    expect(statSync(join(dataDir, 'jwt-secret-key')).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(Buffer.from(key, 'base64').length).toBeGreaterThanOrEqual(32);
  });
});

describe.skipIf(onPostgres)('a server on the embedded database', () => {
  test('finishes its requests on SIGTERM, accepts no new ones, and exits with 0', async () => {
    const dataDir = copyDataDir(newDirectory());
    const server = await startProcess({ DATA_DIR: dataDir });
    await registerAda(server);
    const signIns = await Promise.all([1, 2, 3, 4].map(() => beginSignIn(server, 'ada')));
    const [last, ...others] = signIns;
    server.signal('SIGTERM');
    await refusedAt(server.port);
    const answers = await Promise.all(others.map(({ finish }) => finish()));
    // Clients would keep their connections open. The server closes them while it waits for the last sign-in; if it did
    // so only when its patience ends, that one would break.
    await Promise.all(others.map(({ closed }) => closed));
    answers.push(await last?.finish());
    expect(answers).toEqual(Array(4).fill({ data: { login: { fresh: true } } }));
    const { exitCode, stdout, stderr } = await server.ended;
    expect(exitCode).toBe(0);
    expect(stdout.match(/http:\/\/\S*\/graphql/g)).toEqual([server.url]);
    expect(stdout.split('\n').filter((line) => line.includes(server.url))).toHaveLength(1);
    expect(stderr).toContain('Set JWT_SECRET_KEY before others use this server.');
    const key = readFileSync(join(dataDir, 'jwt-secret-key'), 'utf8');
    expect(stdout + stderr).not.toContain(key.trim());
  });

  test('loses no answered change when it is killed, and starts again at once', async () => {
    const dataDir = copyDataDir(newDirectory());
    const killed = await startProcess({ DATA_DIR: dataDir });
    const names = Array.from({ length: 8 }, (_, index) => `before-the-kill-${index}`);
    const pairs = await Promise.all(names.map((name) => registerAda(killed, name)));
    await killed.end('SIGKILL');
    const server = await startProcess({ DATA_DIR: dataDir });
    for (const [index, pair] of pairs.entries()) {
      expect(await usernameOf(server, pair)).toBe(names[index]);
    }
  }, 60_000);

  test('has the administrator of its settings', async () => {
    const dataDir = copyDataDir(newDirectory());
    const environment = {
      DATA_DIR: dataDir,
      ADMIN_USERNAME: 'root',
      ADMIN_PASSWORD: 'another horse battery',
    };
    await (await startProcess(environment)).end('SIGTERM');
    const { ask, end } = await startProcess(environment);
    const answer = await ask(
      'mutation { login(username: "root", password: "another horse battery") { accessToken } }',
    );
    const { accessToken: token } = answer.data.login;
    expect((await ask('{ me { isAdmin } }', { token })).data).toEqual({ me: { isAdmin: true } });
    expect((await end('SIGTERM')).stderr).not.toContain('ADMIN_USERNAME');
  });

  test('prints dangerous settings on standard error at any level of its log', async () => {
    const server = await startAnew({ JWT_ACCESS_TOKEN_EXPIRES: '86401', LOG_LEVEL: 'silent' });
    expect((await server.end('SIGTERM')).stderr).toMatch(
      /^Warning: JWT_ACCESS_TOKEN_EXPIRES is more than a day: .*\n$/,
    );
  });

  test('exits with 0 on SIGINT', async () => {
    const server = await startAnew();
    expect((await server.end('SIGINT')).exitCode).toBe(0);
  });
});

describe.skipIf(onPostgres)('a server that was ended and starts again', () => {
  const dataDir = newDirectory();
  const readKey = () => readFileSync(join(dataDir, 'jwt-secret-key'), 'utf8');
  let server: ServerProcess;
  let ada: Pair;
  let key: string;
  beforeAll(async () => {
    const before = await startProcess({ DATA_DIR: copyDataDir(dataDir) });
    ada = await registerAda(before);
    key = readKey();
    await before.end('SIGTERM');
    // With an administrator whose name somebody has already.
    server = await startProcess({
      DATA_DIR: dataDir,
      ADMIN_USERNAME: 'Ada',
      ADMIN_PASSWORD: 'another horse battery',
    });
  });

  test('keeps its accounts, sessions and key', async () => {
    expect(readKey()).toBe(key);
    expect(await usernameOf(server, ada)).toBe('ada');
    expect((await refresh(server, ada.refreshToken)).errors).toEqual([]);
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
      DATA_DIR: copyDataDir(newDirectory()),
      PORT: String(server.port),
    });
    expect([exitCode, stdout]).toEqual([1, '']);
    const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(said).toEqual([
      `Sallyport cannot go on. listen EADDRINUSE: address already in use 127.0.0.1:${server.port}`,
    ]);
  });

  test('logs that the name of the administrator belongs to another user', async () => {
    const { stderr } = await server.end('SIGTERM');
    const lines = stderr.split('\n').filter((line) => line.includes('ADMIN_USERNAME'));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 40,
        msg: expect.stringMatching(/^ADMIN_USERNAME is the name of a user who is no administrator/),
      }),
    ]);
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
  ])(
    '%s prints the problem on standard error and exits with 1',
    async (_what, environment, stderr) => {
      expect(await runProcess({ DATA_DIR: newDirectory(), ...environment })).toEqual({
        exitCode: 1,
        stdout: '',
        stderr,
      });
    },
  );
});
