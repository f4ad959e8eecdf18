import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Account, refresh, register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
let callers: Record<string, string>;
let plain: Account;
beforeAll(async () => {
  app = await startApp();
  plain = await register(app);
  const stale = await refresh(app, (await register(app)).refreshToken);
  callers = {
    anonymous: '',
    garbage: 'not.a.token',
    user: plain.accessToken,
    stale: stale.data.refresh.accessToken,
    admin: (await register(app, { admin: true })).accessToken,
  };
});
afterAll(() => app.close());

/** Sends an operation as one of the callers, and returns status, challenge and body. */
async function send(caller: string, query: string, accept = 'application/graphql-response+json') {
  const token = callers[caller];
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { accept, ...(token && { authorization: `Bearer ${token}` }) },
    payload: { query },
  });
  const { statusCode: status, headers } = response;
  return { status, challenge: headers['www-authenticate'], body: response.json() };
}

describe('an operation that is refused whole', () => {
  test.each([
    ['anonymous', '{ me { id } }', 401, 'Bearer realm="sallyport"'],
    [
      'garbage',
      '{ me { id } }',
      401,
      'Bearer realm="sallyport", error="invalid_token", error_description="The token is not valid."',
    ],
    [
      'stale',
      'mutation { createItem(name: "x", price: 1) { id } }',
      401,
      'Bearer realm="sallyport", error="insufficient_user_authentication", max_age="300", error_description="Enter your password again: a fresh token is needed."',
    ],
    [
      'user',
      '{ auditLog { edges { cursor } } }',
      403,
      'Bearer realm="sallyport", error="insufficient_scope", error_description="Administrators only."',
    ],
  ])(
    'as %s: %s answers %i with a challenge and no data',
    async (caller, query, status, challenge) => {
      const answer = await send(caller, query);
      expect(answer).toMatchObject({ status, challenge });
      expect(answer.body).not.toHaveProperty('data');
      expect(answer.body.errors).toHaveLength(1);
    },
  );

  test('answers 200 without a challenge under application/json, and has no data there either', async () => {
    const { status, challenge, body } = await send(
      'anonymous',
      '{ me { id } }',
      'application/json',
    );
    expect({ status, challenge }).toEqual({ status: 200, challenge: undefined });
    expect(body).toEqual({
      errors: [
        {
          message: refusals.missing.message,
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' },
        },
      ],
    });
  });

  test('has one error for each reason, with all its places', async () => {
    const { status, body } = await send(
      'stale',
      '{ a: auditLog { edges { cursor } } b: auditLog { edges { cursor } } }',
    );
    expect(status).toBe(403);
    expect(body.errors).toMatchObject([
      { extensions: { reason: 'ADMIN_REQUIRED' }, locations: [{ column: 3 }, { column: 36 }] },
    ]);
  });
});

describe('a query', () => {
  test.each([
    ['anonymous', '{ me { id } serverTime }', { me: null }],
    ['anonymous', '{ me { id } __typename }', { me: null, __typename: 'Query' }],
    ['anonymous', '{ viewer { username } }', { viewer: null }],
    ['user', '{ me { isAdmin active } }', { me: { isAdmin: false, active: null } }],
    [
      'user',
      '{ auditLog { edges { cursor } } me { isAdmin } }',
      { auditLog: null, me: { isAdmin: false } },
    ],
  ])('as %s: %s loses the refused fields, and no others', async (caller, query, data) => {
    const { status, challenge, body } = await send(caller, query);
    expect({ status, challenge }).toEqual({ status: 200, challenge: undefined });
    expect(body.data).toMatchObject(data);
  });

  test.each([
    ['under @skip', '{ me @skip(if: true) { id } }'],
    ['in a fragment', 'query { ...F } fragment F on Query { me { id } }'],
    [
      'in fragments in fragments',
      'query { ... on Query { ...F } } fragment F on Query { ... { me { id } } }',
    ],
    ['with an alias', '{ serverTime: me { id } }'],
  ])('of one guarded field %s is refused whole', async (_where, query) => {
    expect(await send('anonymous', query)).toMatchObject({ status: 401 });
  });
});

describe('a mutation', () => {
  const itemExists = async (name: string) =>
    (await app.ask(`{ item(name: "${name}") { id } }`, { token: plain.accessToken })).errors
      .length === 0;

  test.each([
    ['a later field', 'createItem(name: "half", price: 1) { id } deleteItem(name: "x")'],
    [
      'a field in a fragment',
      'createItem(name: "half", price: 1) { id } ... on Mutation { deleteItem(name: "x") }',
    ],
    [
      'a field that is skipped',
      'createItem(name: "half", price: 1) { id } deleteItem(name: "x") @skip(if: true)',
    ],
  ])('is refused before a field runs when %s is refused', async (_what, fields) => {
    expect(await send('user', `mutation { ${fields} }`)).toMatchObject({ status: 403 });
    expect(await itemExists('half')).toBe(false);
  });

  test('is refused when its payload is refused', async () => {
    const { id } = (await app.ask('{ me { id } }', { token: plain.accessToken })).data.me;
    const mutation = `mutation { setUserActive(id: "${id}", active: true) { active } }`;
    expect(await send('user', mutation)).toMatchObject({ status: 403 });
    expect(await send('admin', mutation)).toMatchObject({ status: 200 });
  });

  test('is judged by the caller at its start, whatever sign-in it contains', async () => {
    const answer = await app.ask(
      `mutation { login(username: "${plain.username}", password: "correct horse battery") { fresh } updateItem(name: "x", price: 1) { id } }`,
    );
    expect(failure(answer)).toEqual(refusals.missing);
    expect(answer.data).toBeNull();
    expect(app.logLines.filter((line) => line.includes('"SIGN_IN"'))).toEqual([]);
  });

  test('of public fields alone is admitted with an invalid token', async () => {
    const { body } = await send('garbage', 'mutation { refresh(refreshToken: "x") { fresh } }');
    expect(body).toMatchObject({ data: { refresh: null }, errors: [{ path: ['refresh'] }] });
  });
});
