import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { DatabaseUnreachable } from '../../src/database/outage.ts';
import { type Account, login, register } from '../support/account.ts';
import { type Answer, failure, startApp, type TestApp } from '../support/app.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { refusals } from '../support/refusals.ts';
import { watchLookUps, watchStatements } from '../support/watchedStatements.ts';

const share = 64;
const busy = {
  code: 'RATE_LIMITED',
  message: 'Too many attempts. Try again in 1 seconds.',
  retryAfter: 1,
};
const notFound = { code: 'NOT_FOUND', message: 'Session not found.' };

async function start(options: Parameters<typeof startApp>[0] = {}): Promise<TestApp> {
  const app = await startApp(options);
  onTestFinished(() => app.close());
  return app;
}

/** Counts the transactions that begin from now on, and keeps the first of them from its work. */
function holdFirstTransaction(database: Database) {
  const begin = database.transaction.bind(database);
  const first: Deferred<void> = deferred();
  let begun = 0;
  database.transaction = async (...given) => {
    begun += 1;
    if (begun === 1) await first.promise;
    return await begin(...given);
  };
  return { begun: () => begun, release: first.resolve, fail: first.reject };
}

interface From {
  readonly token: string;
  readonly from?: string;
}

async function send(app: TestApp, query: string, { token, from }: From): Promise<Answer> {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    ...(from && { remoteAddress: from }),
    headers: { authorization: `Bearer ${token}` },
    payload: { query },
  });
  const { data = null, errors = [] } = response.json();
  return { status: response.statusCode, headers: response.headers, data, errors };
}

/** A change that locks the account of its caller, and changes nothing. */
const endNothing = `mutation { endSession(id: "00000000-0000-4000-8000-000000000000") }`;

/** Sends a hundred changes at once, and waits until those that find no room are refused. */
async function flood(app: TestApp, { accessToken: token }: Pick<Account, 'accessToken'>) {
  const refused: Answer[] = [];
  let isOver = false;
  const all = Array.from({ length: 100 }, async () => {
    const answer = await send(app, endNothing, { token });
    if (!isOver) refused.push(answer);
    return answer;
  });
  await eventually(() => expect(refused).toHaveLength(100 - share));
  isOver = true;
  expect(refused.map(failure)).toEqual(Array(100 - share).fill(busy));
  return {
    async waiting() {
      return (await Promise.all(all)).filter((answer) => !refused.includes(answer));
    },
  };
}

describe('a hundred changes of one account at once', () => {
  test('begin one transaction after the other, and leave connections to other accounts', async () => {
    const app = await start();
    const [attacker, other] = [await register(app), await register(app)];
    const held = holdFirstTransaction(app.database);
    const { waiting } = await flood(app, attacker);
    expect(held.begun()).toBe(1);
    expect((await login(app, other.username)).fresh).toBe(true);
    expect(
      await app.ask('mutation { logoutEverywhere }', { token: other.accessToken }),
    ).toMatchObject({ data: { logoutEverywhere: 2 } });
    expect(held.begun()).toBe(3);
    held.release();
    expect((await waiting()).map(failure)).toEqual(Array(share).fill(notFound));
    expect(held.begun()).toBe(2 + share);
  });

  test.each([
    ['of the same network', undefined],
    ['of another network', '203.0.113.1'],
  ])('let a request of another session of the account, %s, come next', async (_where, from) => {
    const app = await start();
    const stolen = await register(app);
    const own = await login(app, stolen.username);
    const held = holdFirstTransaction(app.database);
    const { waiting } = await flood(app, stolen);
    const { untilAnswered } = watchLookUps();
    const ending = send(app, 'mutation { logoutEverywhere }', {
      token: own.accessToken,
      ...(from && { from }),
    });
    // Its caller is known, and it waits for its turn.
    await untilAnswered(1);
    held.release();
    expect((await ending).data).toEqual({ logoutEverywhere: 2 });
    const failures = (await waiting()).map(failure);
    // Who has waited longest among all comes before it, besides the one who had the turn.
    expect(failures.filter((one) => one?.['code'] === 'NOT_FOUND').length).toBeLessThanOrEqual(2);
    expect(failures.filter((one) => one?.['code'] !== 'NOT_FOUND')).toContainEqual(
      refusals.revoked,
    );
  });
});

test('a client that disconnects while it waits for the turn of its account gets no turn', async () => {
  const app = await start();
  const { accessToken: token } = await register(app);
  const address = await app.http.listen({ port: 0 });
  const connections = () =>
    new Promise<number>((resolve) => {
      app.http.server.getConnections((_error, count) => resolve(count));
    });
  const change = (signal: AbortSignal | null = null) =>
    fetch(`${address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: endNothing }),
      signal,
    });
  const held = holdFirstTransaction(app.database);
  const controller = new AbortController();
  const first = change();
  await eventually(() => expect(held.begun()).toBe(1));
  const { untilAnswered } = watchLookUps();
  const gone = change(controller.signal);
  // Its caller is known, and it waits for its turn.
  await untilAnswered(1);
  expect(await connections()).toBe(2);
  controller.abort();
  await expect(gone).rejects.toThrow();
  await eventually(async () => expect(await connections()).toBe(1));
  held.release();
  await first;
  await (await change()).text();
  expect(held.begun()).toBe(2);
});

test('a change that waits longer than an answer may take gets a 503, and never begins', async () => {
  const patient = await start();
  const { accessToken: token } = await register(patient);
  const app = await start({ database: patient.database, timeLimits: { answer: 2_000 } });
  const held = holdFirstTransaction(app.database);
  const answers = await Promise.all([
    send(app, endNothing, { token }),
    send(app, endNothing, { token }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  held.release();
  expect(failure(await send(patient, endNothing, { token }))).toEqual(notFound);
  expect(held.begun()).toBe(2);
});

test('a database failure in the turn of an account is a 503 for the waiting changes, and not for later ones', async () => {
  const app = await start();
  const account = await register(app);
  const held = holdFirstTransaction(app.database);
  const { waiting } = await flood(app, account);
  held.fail(new DatabaseUnreachable('The database did not answer.'));
  const answers = await waiting();
  expect(answers.map(({ status }) => status)).toEqual(Array(share).fill(503));
  expect(held.begun()).toBe(1);
  expect(failure(await send(app, endNothing, { token: account.accessToken }))).toEqual(notFound);
  expect(held.begun()).toBe(2);
});

describe('changes that are counted before a password is hashed', () => {
  const hashShare = 40;
  const mutations = {
    freshLogin: `mutation { freshLogin(password: "not what was chosen") { fresh } }`,
    changePassword: `mutation { changePassword(newPassword: "a stapler and a battery") { fresh } }`,
  };

  test.each([
    ['freshLogin', 'insert into "guesses"'],
    ['changePassword', 'insert into "rate_limits"'],
  ] as const)('by %s is one statement at a time of each account', async (field, statement) => {
    const app = await start({ environment: { RATE_LIMIT_ACCOUNT: '50' } });
    const counted = watchStatements(app.database, statement);
    const [attacker, other] = [await register(app), await register(app)];
    counted.reset();
    counted.hold();
    let refused = 0;
    let isOver = false;
    const attacks = Array.from({ length: 100 }, async () => {
      await send(app, mutations[field], { token: attacker.accessToken });
      if (!isOver) refused += 1;
    });
    await eventually(() => expect(refused).toBeGreaterThanOrEqual(100 - hashShare));
    await eventually(() => expect(counted.count()).toBe(1));
    const own = send(app, mutations[field], { token: other.accessToken });
    await eventually(() => expect(counted.count()).toBe(2));
    // A round trip later, no other statement of the attacker has come.
    await app.ask('{ me { id } }', { token: other.accessToken });
    expect(counted.count()).toBe(2);
    isOver = true;
    counted.release();
    await Promise.all([own, ...attacks]);
  });
});

describe.runIf(onPostgres)('on a Postgres', () => {
  test('an account with locked rows waits in one connection, and all its waiting changes get their answer together', async () => {
    const { databaseUrl, remove } = await createPostgresDatabase();
    const opened = await openDatabase({ databaseUrl, dataDir: 'memory:' }, () => {});
    const direct = new pg.Client({ connectionString: databaseUrl });
    await direct.connect();
    onTestFinished(async () => {
      await direct.end();
      await opened.close();
      await remove();
    });
    const app = await start({ database: opened.database });
    const [attacker, other] = [await register(app), await register(app)];
    await direct.query('begin');
    await direct.query('select * from users where username = $1 for update', [attacker.username]);
    const waiting = Array.from({ length: share }, () =>
      send(app, endNothing, { token: attacker.accessToken }),
    );
    const watcher = new pg.Client({ connectionString: databaseUrl });
    await watcher.connect();
    const waitingForLocks = async () => {
      const { rows } = await watcher.query(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0].count;
    };
    try {
      await eventually(async () => expect(await waitingForLocks()).toBe(1));
      expect((await login(app, other.username)).fresh).toBe(true);
      expect(await waitingForLocks()).toBeLessThanOrEqual(1);
      const answers = await Promise.all(waiting);
      expect(answers.map(({ status }) => status)).toEqual(Array(share).fill(503));
    } finally {
      await watcher.end();
      await direct.query('rollback');
    }
    expect(failure(await send(app, endNothing, { token: attacker.accessToken }))).toEqual(notFound);
  });
});
