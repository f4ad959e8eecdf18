import { randomBytes, randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { apiTokens } from '../../src/apiToken/table.ts';
import { type Account, claimsOf, type Pair, register, succeeded } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { advance, startAppInFrozenTime } from '../throttle/frozenTime.ts';

const full = {
  code: 'CONFLICT',
  message: 'A user has at most 100 API tokens. Revoke one first.',
};
const notFound = { code: 'NOT_FOUND', message: 'API token not found.' };
const notInList = {
  code: 'BAD_USER_INPUT',
  argument: 'after',
  message: '"after" must be the id of an entry of this list.',
};

const idOf = ({ accessToken }: Pair) => claimsOf(accessToken)['sub'] as string;

const create = ({ ask }: Pick<TestApp, 'ask'>, { accessToken: token }: Pair) =>
  ask('mutation { createApiToken(name: "x") { token apiToken { id } } }', { token });

const countTokens = ({ database }: TestApp, account: Pair) =>
  database.$count(apiTokens, eq(apiTokens.userId, idOf(account)));

/** Gives a user API tokens, a second older each. Returns their ids, newest first. */
async function give(
  { database, clock }: TestApp,
  account: Pair,
  count: number,
  expiresAt: Date | null = null,
): Promise<string[]> {
  if (count === 0) return [];
  const rows = Array.from({ length: count }, (_, index) => ({
    userId: idOf(account),
    name: `token ${index}`,
    hash: randomBytes(32),
    expiresAt,
    createdAt: new Date(clock.now.getTime() - index * 1000),
  }));
  const added = await database.insert(apiTokens).values(rows).returning();
  return added.map(({ id }) => id);
}

let app: TestApp;
let otherNode: TestApp;
let admin: Account;
beforeAll(async () => {
  app = await startApp();
  otherNode = await startApp({ database: app.database, clock: app.clock });
  admin = await register(app, { admin: true });
});
afterAll(async () => {
  await otherNode.close();
  await app.close();
});

let account: Account;
beforeEach(async () => {
  account = await register(app);
});

describe('a user with API tokens', () => {
  test('gets the hundredth token, and no more until a token is revoked', async () => {
    const [id] = await give(app, account, 99);
    expect((await create(app, account)).errors).toEqual([]);
    expect(failure(await create(app, account))).toEqual(full);
    expect(await countTokens(app, account)).toBe(100);
    const { accessToken: token } = account;
    await app.ask(`mutation { revokeApiToken(id: "${id}") }`, { token });
    expect((await create(app, account)).errors).toEqual([]);
    expect(failure(await create(app, account))).toEqual(full);
  });

  test('has never more than 100 when 10 tokens are made at the same moment on two nodes', async () => {
    await give(app, account, 95);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => create(index % 2 ? app : otherNode, account)),
    );
    expect(answers.map(failure).filter((error) => error !== undefined)).toEqual(
      Array(5).fill(full),
    );
    expect(await countTokens(app, account)).toBe(100);
  });

  test('of which some have expired gets new tokens in their place', async () => {
    await give(app, account, 40, app.clock.now);
    await give(app, account, 60);
    expect((await create(app, account)).errors).toEqual([]);
    expect(await countTokens(app, account)).toBe(61);
  });

  test('does not limit another user', async () => {
    await give(app, account, 100);
    expect((await create(app, await register(app))).errors).toEqual([]);
  });
});

describe('the list of API tokens', () => {
  const list = async (args: string, { accessToken: token }: Pair = account) =>
    app.ask(`{ apiTokens${args} { id } }`, { token });

  test('has all tokens, newest first, or a part behind a cursor', async () => {
    const ids = await give(app, account, 100);
    const read = async (args: string) =>
      succeeded(await list(args)).apiTokens.map(({ id }: { id: string }) => id);
    expect(await read('')).toEqual(ids);
    expect(await read('(first: null)')).toEqual(ids);
    expect(await read('(first: 100)')).toEqual(ids);
    expect(await read('(first: 0)')).toEqual([]);
    expect(await read('(first: 30)')).toEqual(ids.slice(0, 30));
    expect(await read(`(first: 30, after: "${ids[29]}")`)).toEqual(ids.slice(30, 60));
    expect(await read(`(after: "${ids[98]}")`)).toEqual(ids.slice(99));
    expect(await read(`(after: "${ids[99]}")`)).toEqual([]);
  });

  test('has each token once, also where several were made in one millisecond', async () => {
    const createdAt = app.clock.now;
    const row = { userId: idOf(account), name: 'x', createdAt };
    await app.database
      .insert(apiTokens)
      .values(Array.from({ length: 7 }, () => ({ ...row, hash: randomBytes(32) })));
    const read: string[] = [];
    for (let part: string[] = []; ; ) {
      const after = part.length > 0 ? `, after: "${part.at(-1)}"` : '';
      part = succeeded(await list(`(first: 2${after})`)).apiTokens.map(
        ({ id }: { id: string }) => id,
      );
      if (part.length === 0) break;
      read.push(...part);
    }
    expect(new Set(read).size).toBe(7);
    expect(read).toHaveLength(7);
  });

  test.each(['-1', '101'])('refuses a part of %s entries', async (first) => {
    expect(failure(await list(`(first: ${first})`))).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'first',
      message: '"first" must be from 0 to 100.',
    });
  });

  test('has no part behind a cursor of another user’s token', async () => {
    const [others] = await give(app, admin, 1);
    for (const after of [others, randomUUID(), '', 'x', "' or true --"]) {
      expect(failure(await list(`(after: "${after}")`))).toEqual(notInList);
    }
  });
});

test('the list of sessions can be read in parts too', async () => {
  const { username, accessToken: token } = account;
  for (let count = 0; count < 3; count++) {
    app.clock.advance(1);
    const field = `login(username: "${username}", password: "correct horse battery") { fresh }`;
    succeeded(await app.ask(`mutation { ${field} }`));
  }
  const read = async (args: string): Promise<string[]> =>
    succeeded(await app.ask(`{ sessions${args} { id } }`, { token })).sessions.map(
      ({ id }: { id: string }) => id,
    );
  const ids = await read('');
  expect(ids).toHaveLength(4);
  expect(await read('(first: 2)')).toEqual(ids.slice(0, 2));
  expect(await read(`(first: 2, after: "${ids[1]}")`)).toEqual(ids.slice(2));
  expect(
    failure(await app.ask(`{ sessions(after: "${randomUUID()}") { id } }`, { token })),
  ).toEqual(notInList);
});

describe('a document', () => {
  const everything = 'apiTokens { id name createdAt expiresAt lastUsedAt }';
  const aliases = (count: number, field: string) =>
    `{ ${Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')} }`;
  const tooMuch = { code: 'GRAPHQL_VALIDATION_FAILED', limit: 'cost', maximum: 5000 };

  test('may select all API tokens nine times, and not ten times', async () => {
    const { accessToken: token } = account;
    expect((await app.ask(aliases(9, everything), { token })).errors).toEqual([]);
    expect(failure(await app.ask(aliases(10, everything), { token }))).toMatchObject(tooMuch);
  });

  test('cannot select the API tokens of 100 users', async () => {
    const query = '{ users(first: 100) { edges { node { apiTokens { id } } } } }';
    const answer = await app.ask(query, { token: admin.accessToken });
    expect(failure(answer)).toMatchObject(tooMuch);
  });
});

describe('an administrator', () => {
  const read = (account: Pair, args = '') =>
    `{ users(first: 100) { edges { node { id apiTokens(first: 2${args}) { id name } } } } }`.replace(
      '$id',
      idOf(account),
    );

  test('lists the API tokens of a user, and other callers cannot', async () => {
    const ids = await give(app, account, 3);
    const answer = await app.ask(read(account), { token: admin.accessToken });
    const { edges } = succeeded(answer).users as {
      edges: { node: { id: string; apiTokens: { id: string }[] } }[];
    };
    const node = edges.find((edge) => edge.node.id === idOf(account))?.node;
    expect(node?.apiTokens.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const { accessToken: token } = account;
    expect(failure(await app.ask('{ me { apiTokens { id } } }', { token }))).toEqual(
      refusals.adminRequired,
    );
  });

  test('revokes the API token of a user with an audit entry, and other callers cannot', async () => {
    const { token, apiToken } = succeeded(await create(app, account)).createApiToken;
    const revocation = `mutation { revokeUserApiToken(id: "${apiToken.id}") }`;
    const me = () => app.ask('{ me { id } }', { token });
    const refused = await app.ask(revocation, { token: account.accessToken });
    expect(failure(refused)).toEqual(refusals.adminRequired);
    expect((await me()).errors).toEqual([]);
    const answer = await app.ask(revocation, { token: admin.accessToken });
    expect(answer.data).toEqual({ revokeUserApiToken: true });
    expect(failure(await me())).toEqual(refusals.invalid);
    expect(failure(await app.ask(revocation, { token: admin.accessToken }))).toEqual(notFound);
    const events =
      '{ me { securityEvents(first: 1) { edges { node { event actorId reason } } } } }';
    const { data } = await app.ask(events, { token: account.accessToken });
    expect(data.me.securityEvents.edges).toEqual([
      { node: { event: 'API_TOKEN_REVOKED', actorId: idOf(admin), reason: apiToken.id } },
    ]);
  });

  test('who ends the sessions of a user revokes the API tokens, and no others', async () => {
    const others = await register(app);
    for (const each of [account, others]) await give(app, each, 2);
    const field = `endUserSessions(id: "${idOf(account)}")`;
    const answer = await app.ask(`mutation { ${field} }`, { token: admin.accessToken });
    expect(answer.data).toEqual({ endUserSessions: 1 });
    expect(await countTokens(app, account)).toBe(0);
    expect(await countTokens(app, others)).toBe(2);
  });
});

test.each([
  ['', 2],
  [', endApiTokens: false', 2],
  [', endApiTokens: null', 2],
  [', endApiTokens: true', 0],
])('a change of password with "%s" leaves %i of two API tokens', async (args, left) => {
  await give(app, account, 2);
  const field = `changePassword(newPassword: "a stapler and a battery"${args}) { fresh }`;
  const answer = await app.ask(`mutation { ${field} }`, { token: account.accessToken });
  expect(answer.errors).toEqual([]);
  expect(await countTokens(app, account)).toBe(left);
});

describe('API tokens that are made and revoked', () => {
  let frozen: TestApp;
  afterEach(async () => {
    await frozen.close();
    vi.useRealTimers();
  });

  test('are limited to 120 an hour for each user', async () => {
    frozen = await startAppInFrozenTime();
    const [one, other] = [await register(frozen), await register(frozen)];
    const make = async (by: Pair) => {
      const answer = await create(frozen, by);
      await frozen.database.delete(apiTokens);
      return answer;
    };
    for (let made = 0; made < 120; made++) expect((await make(one)).errors).toEqual([]);
    expect(failure(await make(one))).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 3600 });
    expect((await make(other)).errors).toEqual([]);
    advance(3599);
    const field = `login(username: "${one.username}", password: "correct horse battery") { accessToken }`;
    const later: Pair = succeeded(await frozen.ask(`mutation { ${field} }`)).login;
    expect(failure(await make(later))).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 1 });
    advance(1);
    expect((await make(later)).errors).toEqual([]);
  });
});
