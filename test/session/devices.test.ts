import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  claimsOf,
  login,
  type Pair,
  pairFields,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

const day = 24 * 60 * 60;
const notFound = { code: 'NOT_FOUND', message: 'Session not found.' };

let app: TestApp;
let otherNode: TestApp;
beforeAll(async () => {
  // Sign-ins that run at the same moment count as attempts until their passwords are checked.
  const environment = { RATE_LIMIT_ACCOUNT: '0' };
  app = await startApp({ environment });
  otherNode = await startApp({ environment, database: app.database, clock: app.clock });
});
afterAll(async () => {
  await otherNode.close();
  await app.close();
});

const idOf = ({ accessToken }: Pair) => claimsOf(accessToken)['sid'] as string;
const me = ({ accessToken }: Pair) => app.ask('{ me { id } }', { token: accessToken });

async function loginOn(device: string, username: string): Promise<Pair> {
  const answer = await app.ask(
    `mutation ($username: String!, $password: String!, $device: String) {
      login(username: $username, password: $password, device: $device) { ${pairFields} }
    }`,
    { variables: { username, password, device }, headers: { 'user-agent': 'test/1' } },
  );
  return succeeded(answer).login;
}

async function listSessions({
  accessToken,
}: Pair): Promise<{ readonly id: string; readonly current: boolean }[]> {
  const query = '{ sessions { id device ip userAgent createdAt lastUsedAt expiresAt current } }';
  return succeeded(await app.ask(query, { token: accessToken })).sessions;
}

const listIds = async (pair: Pair) => (await listSessions(pair)).map(({ id }) => id);

const endSession = ({ accessToken }: Pair, id: string) =>
  app.ask('mutation ($id: ID!) { endSession(id: $id) }', { token: accessToken, variables: { id } });

describe('the list of sessions', () => {
  test('has the sessions of the caller, newest first, and marks the current one', async () => {
    const first = await register(app);
    await register(app);
    const signedUpAt = app.clock.now;
    app.clock.advance(100);
    const second = await loginOn('Ada’s phone', first.username);
    const signedInAt = app.clock.now;
    app.clock.advance(100);
    const refreshed: Pair = succeeded(await refresh(app, first.refreshToken)).refresh;
    const plus = (time: Date, seconds: number) =>
      new Date(time.getTime() + seconds * 1000).toISOString();
    expect(await listSessions(refreshed)).toEqual([
      {
        id: idOf(second),
        device: 'Ada’s phone',
        ip: '127.0.0.1',
        userAgent: 'test/1',
        createdAt: signedInAt.toISOString(),
        lastUsedAt: signedInAt.toISOString(),
        expiresAt: plus(signedInAt, 30 * day),
        current: false,
      },
      {
        id: idOf(first),
        device: null,
        ip: '127.0.0.1',
        userAgent: 'lightMyRequest',
        createdAt: signedUpAt.toISOString(),
        lastUsedAt: plus(signedUpAt, 200),
        expiresAt: plus(signedUpAt, 30 * day),
        current: true,
      },
    ]);
    expect((await listSessions(second)).map(({ current }) => current)).toEqual([true, false]);
  });

  test('has no data from which a token could be made', async () => {
    const answer = await app.ask('{ __type(name: "Session") { fields { name } } }');
    const names = answer.data.__type.fields.map(({ name }: { name: string }) => name);
    expect(names.toSorted()).toEqual([
      'createdAt',
      'current',
      'device',
      'expiresAt',
      'id',
      'ip',
      'lastUsedAt',
      'userAgent',
    ]);
  });

  test('has no session that was ended', async () => {
    const first = await register(app);
    const second = await login(app, first.username);
    expect(await listIds(first)).toHaveLength(2);
    await app.ask('mutation { logout }', { token: second.accessToken });
    expect(await listIds(first)).toEqual([idOf(first)]);
  });

  test('has a session until it was not refreshed for 14 days', async () => {
    const idle = await register(app);
    app.clock.advance(14 * day - 1);
    const used = await login(app, idle.username);
    expect(await listIds(used)).toEqual([idOf(used), idOf(idle)]);
    app.clock.advance(1);
    expect(await listIds(used)).toEqual([idOf(used)]);
  });

  test('has a session that is used all the time until 30 days after its sign-in', async () => {
    const first = await register(app);
    let pair: Pair = first;
    for (const days of [13, 13]) {
      app.clock.advance(days * day);
      pair = succeeded(await refresh(app, pair.refreshToken)).refresh;
    }
    app.clock.advance(4 * day - 1);
    const newer = await login(app, first.username);
    expect(await listIds(newer)).toEqual([idOf(newer), idOf(first)]);
    app.clock.advance(1);
    expect(await listIds(newer)).toEqual([idOf(newer)]);
  });

  test('is closed to anonymous callers', async () => {
    expect(failure(await app.ask('{ sessions { id } }'))).toEqual(refusals.missing);
  });
});

describe('ending one session', () => {
  test('ends both tokens of the other device, and no other tokens', async () => {
    const mine = await register(app);
    const lost = await login(app, mine.username);
    expect((await endSession(mine, idOf(lost))).data).toEqual({ endSession: true });
    expect(failure(await me(lost))).toEqual(refusals.revoked);
    expect(failure(await refresh(app, lost.refreshToken))).toEqual(refusals.revoked);
    expect((await me(mine)).errors).toEqual([]);
  });

  test('may be done twice, and has one audit entry', async () => {
    const mine = await register(app);
    const lost = await login(app, mine.username);
    for (const _time of [1, 2]) {
      expect((await endSession(mine, idOf(lost))).data).toEqual({ endSession: true });
    }
    const query = '{ me { securityEvents { edges { node { event } } } } }';
    const { edges } = (await app.ask(query, { token: mine.accessToken })).data.me.securityEvents;
    expect(edges.map(({ node }: { node: { event: string } }) => node.event)).toEqual([
      'SESSION_ENDED',
      'SIGN_IN',
      'REGISTERED',
    ]);
  });

  test('may end the current session', async () => {
    const mine = await register(app);
    expect((await endSession(mine, idOf(mine))).data).toEqual({ endSession: true });
    expect(failure(await me(mine))).toEqual(refusals.revoked);
  });

  test('of another user answers as for an unknown session, and ends nothing', async () => {
    const [mine, others] = [await register(app), await register(app)];
    expect(failure(await endSession(mine, idOf(others)))).toEqual(notFound);
    expect((await me(others)).errors).toEqual([]);
  });

  test.each([
    ['an unknown id', randomUUID()],
    ['an empty id', ''],
    ['a text that is no id', "1' or '1'='1"],
    ['an id in capitals', 'ABCDEFAB-0000-4000-8000-ABCDEFABCDEF'],
  ])('with %s finds no session', async (_what, id) => {
    expect(failure(await endSession(await register(app), id))).toEqual(notFound);
  });
});

test('logging out everywhere ends all sessions of the caller, and returns the number of live ones', async () => {
  const [mine, others] = [await register(app), await register(app)];
  const second = await login(app, mine.username);
  const ended = await login(app, mine.username);
  await app.ask('mutation { logout }', { token: ended.accessToken });
  const answer = await app.ask('mutation { logoutEverywhere }', { token: mine.accessToken });
  expect(answer).toMatchObject({ data: { logoutEverywhere: 2 }, errors: [] });
  for (const pair of [mine, second]) {
    expect(failure(await me(pair))).toEqual(refusals.revoked);
    expect(failure(await refresh(app, pair.refreshToken))).toEqual(refusals.revoked);
  }
  expect((await me(others)).errors).toEqual([]);
});
