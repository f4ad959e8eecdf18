import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { auditEvents } from '../../src/audit/table.ts';
import { sessions } from '../../src/session/table.ts';
import { rateLimits } from '../../src/throttle/table.ts';
import { type Account, register } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let account: Account;
let before: number[];
beforeAll(async () => {
  app = await startApp({ environment: { RATE_LIMIT_SIGN_IN: '1000' } });
  account = await register(app);
});
afterAll(() => app.close());
beforeEach(async () => {
  before = await traces();
});

const login = `login(username: $username, password: $password) { fresh }`;
const refresh = `refresh(refreshToken: $token) { fresh }`;
const freshLogin = `freshLogin(password: $password) { fresh }`;

/** What an attempt leaves behind, whether it succeeds or not. */
function traces(): Promise<number[]> {
  return Promise.all([auditEvents, sessions, rateLimits].map((each) => app.database.$count(each)));
}

/** Sends a mutation with all variables, of which it uses some. */
async function send(document: string, operationName?: string) {
  const { username, accessToken, refreshToken: token } = account;
  const declarations = Object.entries({ username: 'String!', password: 'String!', token: 'String' })
    .filter(([name]) => document.includes(`$${name}`))
    .map(([name, type]) => `$${name}: ${type}`);
  const variables = declarations.length > 0 ? `(${declarations.join(', ')})` : '';
  const query = document.replaceAll(/mutation (\w*)/g, `mutation $1${variables}`);
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { authorization: `Bearer ${accessToken}` },
    payload: { query, variables: { username, password, token }, operationName },
  });
  const { data = null, errors = [] } = response.json();
  return { status: response.statusCode, headers: response.headers, data, errors };
}

describe('an operation with more than one credential mutation is refused before anything runs', () => {
  test.each([
    ['two aliases', `mutation { a: ${login} b: ${login} }`],
    ['an alias and a field without alias', `mutation { a: ${login} ${login} }`],
    [
      'as many aliases as a mutation may have fields',
      'mutation { a: refresh { fresh } b: refresh { fresh } c: refresh { fresh } d: refresh { fresh } e: refresh { fresh } }',
    ],
    ['a login and a refresh', `mutation { ${login} ${refresh} }`],
    ['a login and a freshLogin', `mutation { ${login} ${freshLogin} }`],
    [
      'a login and a register',
      `mutation { ${login} register(username: "new", password: $password) { fresh } }`,
    ],
    ['two refreshes', `mutation { a: ${refresh} b: ${refresh} }`],
    [
      'other mutations between',
      `mutation { a: ${login} logout(refreshToken: $token) b: ${login} }`,
    ],
    ['an inline fragment', `mutation { a: ${login} ... on Mutation { b: ${login} } }`],
    ['an inline fragment without a type', `mutation { a: ${login} ... { b: ${login} } }`],
    [
      'nested inline fragments',
      `mutation { ... { ... { a: ${login} } } ... { ... { b: ${login} } } }`,
    ],
    ['a fragment', `mutation { ...two } fragment two on Mutation { a: ${login} b: ${login} }`],
    [
      'two fragments',
      `mutation { ...one ...two }
       fragment one on Mutation { a: ${login} } fragment two on Mutation { b: ${login} }`,
    ],
    [
      'nested fragments',
      `mutation { a: ${login} ...outer }
       fragment outer on Mutation { ... { ...inner } } fragment inner on Mutation { b: ${refresh} }`,
    ],
    ['a skipped field', 'mutation { a: refresh { fresh } b: refresh @skip(if: true) { fresh } }'],
    ['an alias that hides the name', `mutation { logout: ${login} serverTime: ${refresh} }`],
    ['aliases that swap the names', `mutation { refresh: ${login} login: ${refresh} }`],
  ])('%s', async (_what, document) => {
    const answer = await send(document);
    expect(answer.status).toBe(200);
    expect(answer.data).toBeNull();
    expect(failure(answer)).toEqual({
      code: 'GRAPHQL_VALIDATION_FAILED',
      message:
        'An operation may have only one of login, register, freshLogin, refresh, changePassword, and that once.',
    });
    expect(answer.errors).toHaveLength(1);
    expect(await traces()).toEqual(before);
  });

  test('fragments that contain each other', async () => {
    const answer = await send(
      `mutation { ...one } fragment one on Mutation { a: ${login} ...two }
       fragment two on Mutation { b: ${login} ...one }`,
    );
    expect(answer.status).toBe(200);
    for (const { extensions } of answer.errors) {
      expect(extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
    }
    expect(await traces()).toEqual(before);
  });

  test('in an operation that does not run', async () => {
    const document = `mutation two { a: ${login} b: ${login} } mutation one { ${login} }`;
    for (const name of ['one', 'two']) expect((await send(document, name)).status).toBe(200);
    expect(await traces()).toEqual(before);
  });

  test('100 logins, which are too long a document besides', async () => {
    const logins = Array.from({ length: 100 }, (_, index) => `guess${index}: ${login}`);
    const answer = await send(`mutation { ${logins.join(' ')} }`);
    expect([answer.status, answer.data]).toEqual([200, null]);
    expect(failure(answer)?.['code']).toBe('GRAPHQL_PARSE_FAILED');
    expect(await traces()).toEqual(before);
  });

  test('several requests in one body', async () => {
    const query = `mutation { login(username: "${account.username}", password: "${password}") { fresh } }`;
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      payload: [{ query }, { query }],
    });
    expect(response.statusCode).toBe(400);
    expect(await traces()).toEqual(before);
  });
});

describe('one credential mutation', () => {
  const events = () => app.database.$count(auditEvents);

  test('that is written twice as the same field runs once', async () => {
    const before = await events();
    const answer = await send(
      `mutation { ${login} ...again ... { login(username: $username, password: $password) { tokenType } } }
       fragment again on Mutation { ${login} }`,
    );
    expect(answer.data).toEqual({ login: { fresh: true, tokenType: 'Bearer' } });
    expect(await events()).toBe(before + 1);
  });

  test('in each of several operations is accepted, because one operation runs', async () => {
    const document = `mutation one { ${login} } mutation two { other: ${login} ...three }
      fragment three on Mutation { logout(refreshToken: "no token") }`;
    const before = await events();
    expect((await send(document, 'one')).data).toEqual({ login: { fresh: true } });
    expect((await send(document, 'two')).data).toMatchObject({ other: { fresh: true } });
    expect(await events()).toBe(before + 2);
  });

  test('beside other mutations is accepted', async () => {
    const item = `createItem(name: "next to a login", price: 1) { name }`;
    expect((await send(`mutation { ${item} ${login} revokeApiToken(id: "x") }`)).data).toEqual({
      createItem: { name: 'next to a login' },
      login: { fresh: true },
      revokeApiToken: null,
    });
  });

  test('with aliases of such names inside it, or a query with them, is accepted', async () => {
    const inside =
      'login(username: $username, password: $password) { refresh: fresh login: fresh }';
    expect((await send(`mutation { ${inside} }`)).data).toEqual({
      login: { refresh: true, login: true },
    });
    const { status, errors } = await app.ask('{ login: serverTime refresh: serverTime }');
    expect([status, errors]).toEqual([200, []]);
  });
});
