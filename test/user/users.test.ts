import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../src/user/table.ts';
import { type Account, register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
let plain: Account;
let admin: Account;
beforeAll(async () => {
  app = await startApp();
  plain = await register(app);
  admin = await register(app, { admin: true });
});
afterAll(() => app.close());

describe('viewer', () => {
  test('is null for anonymous callers, without an error', async () => {
    expect(await app.ask('{ viewer { username } }')).toMatchObject({
      data: { viewer: null },
      errors: [],
    });
  });

  test('is the user whose token was sent', async () => {
    const answer = await app.ask('{ viewer { username } }', { token: plain.accessToken });
    expect(answer.data).toEqual({ viewer: { username: plain.username } });
  });

  test('is refused with an expired token, which does not count as anonymous', async () => {
    const { accessToken } = await register(app);
    app.clock.advance(911);
    expect(failure(await app.ask('{ viewer { username } }', { token: accessToken }))).toEqual(
      refusals.expired,
    );
    app.clock.advance(-911);
  });
});

describe('the fields of a user', () => {
  test('for administrators are null for others, and do not affect their siblings', async () => {
    const answer = await app.ask('{ me { username active createdAt } }', {
      token: plain.accessToken,
    });
    expect(answer.data).toEqual({
      me: { username: plain.username, active: null, createdAt: null },
    });
    expect(answer.errors.map(({ path, extensions }) => [path, extensions?.['reason']])).toEqual([
      [['me', 'active'], 'ADMIN_REQUIRED'],
      [['me', 'createdAt'], 'ADMIN_REQUIRED'],
    ]);
    expect(failure(answer)).toEqual(refusals.adminRequired);
  });

  test('are all readable by administrators', async () => {
    const answer = await app.ask('{ me { isAdmin active createdAt } }', {
      token: admin.accessToken,
    });
    expect(answer).toMatchObject({
      data: { me: { isAdmin: true, active: true, createdAt: '2030-01-01T12:00:00.000Z' } },
      errors: [],
    });
  });

  test('follow the database at once: a demoted administrator has no rights at the next request', async () => {
    const demoted = await register(app, { admin: true });
    const query = '{ me { active } }';
    expect((await app.ask(query, { token: demoted.accessToken })).errors).toEqual([]);
    await app.database
      .update(users)
      .set({ isAdmin: false })
      .where(eq(users.username, demoted.username));
    expect(failure(await app.ask(query, { token: demoted.accessToken }))).toEqual(
      refusals.adminRequired,
    );
  });
});

describe('users', () => {
  beforeAll(async () => {
    const others = 27 - (await app.database.$count(users));
    for (let count = 0; count < others; count++) await register(app);
  });

  const page = (args: string) =>
    app.ask(
      `{ users${args} { edges { cursor node { username } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      { token: plain.accessToken },
    );

  test('requires a token', async () => {
    expect(failure(await app.ask('{ users { edges { cursor } } }'))).toEqual(refusals.missing);
  });

  test('returns pages of 20, in the order of the usernames, each user once', async () => {
    const first = (await page('')).data.users;
    expect(first.edges).toHaveLength(20);
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0].cursor,
      endCursor: first.edges[19].cursor,
    });
    const second = (await page(`(after: "${first.pageInfo.endCursor}")`)).data.users;
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const names = [...first.edges, ...second.edges].map(({ node }) => node.username);
    const rows = await app.database.select().from(users).orderBy(asc(users.username));
    expect(names).toEqual(rows.map(({ username }) => username));
  });

  test.each([
    ['(first: 0)', 0, true],
    ['(first: 24)', 24, true],
    ['(first: 100)', 27, false],
  ])('%s returns %i users, and whether there are more', async (args, count, hasNextPage) => {
    const { edges, pageInfo } = (await page(args)).data.users;
    expect([edges.length, pageInfo.hasNextPage]).toEqual([count, hasNextPage]);
  });

  test.each([
    ['(first: -1)', 'first'],
    ['(first: 101)', 'first'],
    ['(after: "")', 'after'],
    ['(after: "not a cursor!")', 'after'],
    ['(after: "AA")', 'after'],
  ])('%s is refused', async (args, argument) => {
    expect(failure(await page(args))).toMatchObject({ code: 'BAD_USER_INPUT', argument });
  });
});
