import { sql } from 'drizzle-orm';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { defaultPoolTimeLimits } from '../../src/database/connectionPool.ts';
import { type OpenDatabase, openDatabase } from '../../src/database/database.ts';
import { defaultTimeLimits } from '../../src/server/timeLimits.ts';
import { type Account, login, register } from '../support/account.ts';
import { type Answer, password, startApp, type TestApp } from '../support/app.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import {
  startUnreliableNetwork,
  type UnreliableNetwork,
  type Weather,
} from '../support/unreliableNetwork.ts';

// What is promised, and no measurement: whoever exceeds it fails.
const answerMilliseconds = 10_000;
const readinessMilliseconds = 2_000;
const recoveryMilliseconds = 5_000;

/** Returns the result of a promise, unless it takes longer than was promised. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, milliseconds, new Error(`Nothing came in ${milliseconds} ms.`));
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const outage = (answer: Answer) => ({
  status: answer.status,
  retryAfter: answer.headers['retry-after'],
  data: answer.data,
  errors: answer.errors.map(({ message, extensions }) => ({ message, ...extensions })),
});
const unavailable = {
  status: 503,
  retryAfter: '5',
  data: null,
  errors: [
    {
      message: 'Something went wrong.',
      code: 'INTERNAL_SERVER_ERROR',
      errorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  ],
};

describe.runIf(onPostgres)('a Postgres behind an unreliable network', () => {
  let network: UnreliableNetwork;
  let remove: () => Promise<void>;
  let direct: pg.Client;
  let opened: OpenDatabase;
  let app: TestApp;
  let account: Account;
  beforeAll(async () => {
    const created = await createPostgresDatabase();
    remove = created.remove;
    const url = new URL(created.databaseUrl);
    network = await startUnreliableNetwork({ host: url.hostname, port: Number(url.port || 5432) });
    direct = new pg.Client({ connectionString: created.databaseUrl });
    await direct.connect();
    url.host = `127.0.0.1:${network.port}`;
    opened = await openDatabase({ databaseUrl: url.href, dataDir: 'memory:' }, () => {});
    app = await startApp({
      database: opened.database,
      // An attempt that the database does not answer cannot be taken back.
      environment: { RATE_LIMIT_ACCOUNT: '0' },
    });
    account = await register(app);
  });
  afterAll(async () => {
    network.set('fine');
    await app.close();
    await opened.close();
    await network.close();
    await direct.end();
    await remove();
  });
  beforeEach(() => network.set('fine'));

  const me = () => app.ask('{ me { username } }', { token: account.accessToken });
  const ready = async () => (await app.inject({ url: '/readyz' })).statusCode;
  const tenAtOnce = () => Promise.all(Array.from({ length: 10 }, me));
  /** The connections of the pool that now lie idle. */
  const warmUp = async () => {
    for (const answer of await tenAtOnce()) expect(answer.errors).toEqual([]);
  };
  /** Asks again and again until all is well, which it has to be soon. */
  async function expectRecovery() {
    const deadline = AbortSignal.timeout(recoveryMilliseconds);
    for (let answer = await me(); answer.errors.length > 0; answer = await me()) {
      expect(outage(answer)).toEqual(unavailable);
      deadline.throwIfAborted();
    }
    for (const answer of await tenAtOnce()) expect(answer.errors).toEqual([]);
    expect(await ready()).toBe(200);
  }

  test.each<[string, Weather]>([
    ['vanishes without a word', 'swallows'],
    ['resets every connection', 'resets'],
    ['answers nonsense', 'garbles'],
    ['answers after a minute', { delayMilliseconds: 60_000 }],
  ])(
    'that %s gives a 503 to requests that need it and to no others, and the server is ready when it is back',
    async (_what, weather) => {
      await warmUp();
      network.set(weather);
      const [answers, readiness, time] = await Promise.all([
        within(answerMilliseconds, tenAtOnce()),
        within(readinessMilliseconds, ready()),
        app.ask('{ serverTime }'),
      ]);
      expect(answers.map(outage)).toEqual(Array(10).fill(unavailable));
      expect(readiness).toBe(503);
      expect(time.errors).toEqual([]);
      // With no connection left that was made before.
      expect(outage(await within(answerMilliseconds, me()))).toEqual(unavailable);
      expect(await within(readinessMilliseconds, ready())).toBe(503);
      network.set('fine');
      await expectRecovery();
    },
    60_000,
  );

  test('that vanishes during sign-ins gives them a 503, and no sign-in is half done', async () => {
    await warmUp();
    const signIn = () =>
      app.ask(
        'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { fresh } }',
        { variables: { username: account.username, password } },
      );
    // They wait for the row of their user in the middle of their transactions.
    await direct.query('begin');
    await direct.query('select from users where username = $1 for update', [account.username]);
    const signIns = Array.from({ length: 5 }, signIn);
    await expect.poll(async () => (await sessionsInUse()) > 0).toBe(true);
    network.set('swallows');
    await direct.query('rollback');
    for (const answer of await within(answerMilliseconds, Promise.all(signIns))) {
      if (answer.errors.length > 0) expect(outage(answer)).toEqual(unavailable);
    }
    network.set('fine');
    await expectRecovery();
    expect((await login(app, account.username)).fresh).toBe(true);
  }, 60_000);

  async function sessionsInUse(): Promise<number> {
    await direct.query('select pg_stat_clear_snapshot()');
    const { rows } = await direct.query(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`,
    );
    return rows[0].count;
  }

  test('that forgets idle connections fails no request', async () => {
    await warmUp();
    const before = network.connections();
    // As a firewall does: what is there is dead, what is new is fine.
    network.set('forgets');
    // From then on a connection counts as idle.
    await new Promise((resolve) => setTimeout(resolve, defaultPoolTimeLimits.idle + 100));
    expect((await within(answerMilliseconds, me())).errors).toEqual([]);
    expect(network.connections()).toBe(before + 1);
  });

  test('with a locked table leaves the fields that do not need the table', async () => {
    const answer = await app.ask('{ serverTime me { username } }', { token: account.accessToken });
    expect(answer.errors).toEqual([]);
    await direct.query('begin');
    await direct.query('lock table items in access exclusive mode');
    const partial = await within(
      answerMilliseconds,
      app.ask('{ serverTime item(name: "chair") { id } }', { token: account.accessToken }),
    ).finally(() => direct.query('rollback'));
    expect(partial.status).toBe(200);
    expect(partial.headers['retry-after']).toBeUndefined();
    expect(partial.data).toEqual({ serverTime: '2030-01-01T12:00:00.000Z', item: null });
    expect(partial.errors[0]?.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
  });

  test('with locked rows gives a 503 to twelve waiting requests, and serves all others meanwhile', async () => {
    const other = await register(app);
    await direct.query('begin');
    await direct.query('select * from users where username = $1 for update', [account.username]);
    const waiting = new Set<number>();
    const twelve = Array.from({ length: 12 }, async (_, index) => {
      waiting.add(index);
      const answer = await app.ask('mutation { logoutEverywhere }', { token: account.accessToken });
      waiting.delete(index);
      return answer;
    });
    try {
      const served = await app.ask('{ me { username } }', { token: other.accessToken });
      expect(served.errors).toEqual([]);
      await login(app, other.username);
      for (const answer of await within(answerMilliseconds, Promise.all(twelve))) {
        if (answer.errors.length > 0) expect(outage(answer)).toEqual(unavailable);
      }
    } finally {
      await direct.query('rollback');
    }
    await expectRecovery();
  });

  test('a transaction that a vanished client left open does not hold its locks for ever', async () => {
    const { rows } = await opened.database.execute(sql`select name, setting from pg_settings
      where name in ('idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout') order by name`);
    expect(rows).toEqual([
      { name: 'idle_in_transaction_session_timeout', setting: '10000' },
      { name: 'lock_timeout', setting: '2000' },
      { name: 'statement_timeout', setting: '3000' },
    ]);
  });
});

async function askThroughSocket(
  { http }: TestApp,
  query: string,
  token: string,
): Promise<Response> {
  const address = await http.listen({ host: '127.0.0.1', port: 0 });
  return await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
}

test('a database that never answers delays no request and no health check beyond its limit', async () => {
  // Of an embedded database too, in which nothing can be interrupted.
  const never = () => new Promise<never>(() => {});
  const app = await startApp();
  onTestFinished(() => app.close());
  const { accessToken: token } = await register(app);
  const stuck = new Proxy(app.database, {
    get: (target, name) =>
      ['execute', 'select', 'transaction', 'update'].includes(String(name))
        ? () => Object.assign(never(), { from: () => stuckQuery, set: () => stuckQuery })
        : Reflect.get(target, name),
  });
  const stuckQuery: unknown = new Proxy(() => {}, {
    get: (_target, name) => (name === 'then' ? never : () => stuckQuery),
  });
  const node = await startApp({ database: stuck, timeLimits: { answer: 200, readiness: 100 } });
  onTestFinished(() => node.close());
  const answer = await node.ask('{ item(name: "chair") { id } me { username } }', { token });
  expect(outage(answer)).toEqual(unavailable);
  // A request that comes through a socket has a body that ends.
  const late = await askThroughSocket(node, '{ me { username } }', token);
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await node.inject({ url: '/readyz' })).statusCode).toBe(503);
  expect((await node.ask('{ serverTime }')).errors).toEqual([]);
  expect(defaultTimeLimits.answer).toBeLessThan(answerMilliseconds);
  expect(defaultTimeLimits.readiness).toBeLessThan(readinessMilliseconds);
});
