import { createKeyRing } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../src/user/table.ts';
import {
  type Account,
  claimsOf,
  login,
  pairFields,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { failure, password, secretKey, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { headerOf, mintToken } from './mintToken.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

let items = 0;
/** A field that needs a fresh token. */
function createItem(token: string | null, { ask } = app) {
  return ask('mutation ($name: String!) { createItem(name: $name, price: 1) { name } }', {
    variables: { name: `item ${items++}` },
    ...(token !== null && { token }),
  });
}

/** A field that needs an administrator. It is let through to an item that is not there. */
function deleteItem(token: string | null) {
  return app.ask('mutation { deleteItem(name: "not there") }', token === null ? {} : { token });
}
const letThrough = { code: 'NOT_FOUND', message: 'Item not found.' };

async function freshLogin(token: string) {
  const query = `mutation ($password: String!) { freshLogin(password: $password) { ${pairFields} } }`;
  return succeeded(await app.ask(query, { token, variables: { password } })).freshLogin;
}

async function logout(refreshToken: string) {
  const variables = { token: refreshToken };
  await app.ask('mutation ($token: String) { logout(refreshToken: $token) }', { variables });
}

async function setAdmin({ username }: Account, isAdmin: boolean) {
  await app.database.update(users).set({ isAdmin }).where(eq(users.username, username));
}

describe('a field that needs a fresh token', () => {
  test('is open for exactly 300 s after a sign-in', async () => {
    const { accessToken } = await register(app);
    expect((await createItem(accessToken)).errors).toEqual([]);
    app.clock.advance(300);
    expect((await createItem(accessToken)).errors).toEqual([]);
    app.clock.advance(1);
    expect(failure(await createItem(accessToken))).toEqual(refusals.freshRequired);
    expect((await app.ask('{ me { id } }', { token: accessToken })).errors).toEqual([]);
  });

  test('is open as long as JWT_FRESH_EXPIRES says, and the refusal has that limit', async () => {
    const environment = { JWT_FRESH_EXPIRES: '60' };
    const { database, clock } = app;
    const server = await startApp({ environment, database, clock });
    const { accessToken } = await register(server);
    clock.advance(60);
    expect((await createItem(accessToken, server)).errors).toEqual([]);
    clock.advance(1);
    const refusal = { ...refusals.freshRequired, maxAge: 60 };
    expect(failure(await createItem(accessToken, server))).toEqual(refusal);
    await server.close();
  });

  test('is closed to a refreshed token, even at once', async () => {
    const { refreshToken } = await register(app);
    const refreshed = succeeded(await refresh(app, refreshToken)).refresh;
    expect(failure(await createItem(refreshed.accessToken))).toEqual(refusals.freshRequired);
  });

  test('opens again to the token of freshLogin, in the same session, for 300 s', async () => {
    const account = await register(app);
    app.clock.advance(301);
    const again = await freshLogin(account.accessToken);
    expect(again.fresh).toBe(true);
    const { sid } = claimsOf(account.accessToken);
    expect(claimsOf(again.accessToken)['sid']).toBe(sid);
    app.clock.advance(300);
    expect((await createItem(again.accessToken)).errors).toEqual([]);
    expect(failure(await createItem(account.accessToken))).toEqual(refusals.freshRequired);
    app.clock.advance(1);
    expect(failure(await createItem(again.accessToken))).toEqual(refusals.freshRequired);
  });

  test('opens to the token of a second sign-in', async () => {
    const account = await register(app);
    app.clock.advance(301);
    expect((await createItem((await login(app, account.username)).accessToken)).errors).toEqual([]);
  });

  test('refuses an anonymous caller for the missing token first', async () => {
    expect(failure(await createItem(null))).toEqual(refusals.missing);
  });

  test('refuses a token with several faults for the first of them', async () => {
    const account = await register(app);
    expect(failure(await createItem(account.refreshToken))).toEqual(refusals.wrongType);
    expect(failure(await createItem('garbage'))).toEqual(refusals.invalid);
    app.clock.advance(301);
    await logout(account.refreshToken);
    expect(failure(await createItem(account.accessToken))).toEqual(refusals.revoked);
    app.clock.advance(1000);
    expect(failure(await createItem(account.accessToken))).toEqual(refusals.expired);
  });
});

describe('a field that needs an administrator', () => {
  test('is closed to users and open to administrators', async () => {
    const { accessToken } = await register(app);
    const admin = await register(app, { admin: true });
    expect(failure(await deleteItem(null))).toEqual(refusals.missing);
    expect(failure(await deleteItem(accessToken))).toEqual(refusals.adminRequired);
    expect(failure(await deleteItem(admin.accessToken))).toEqual(letThrough);
  });

  test('is judged by the database at each request, not by the token', async () => {
    const account = await register(app);
    expect(failure(await deleteItem(account.accessToken))).toEqual(refusals.adminRequired);
    await setAdmin(account, true);
    expect(failure(await deleteItem(account.accessToken))).toEqual(letThrough);
    await setAdmin(account, false);
    expect(failure(await deleteItem(account.accessToken))).toEqual(refusals.adminRequired);
  });

  test('ignores claims of a token about administrators', async () => {
    const { accessToken } = await register(app);
    const token = mintToken({
      header: headerOf(accessToken),
      claims: { ...claimsOf(accessToken), isAdmin: true, is_admin: true, admin: true },
      key: createKeyRing({ secret: secretKey }).signing.access.verifyingKey,
    });
    expect(failure(await deleteItem(token))).toEqual(refusals.adminRequired);
  });

  test('refuses an ended session before it refuses a user who is no administrator', async () => {
    const { accessToken, refreshToken } = await register(app);
    await logout(refreshToken);
    expect(failure(await deleteItem(accessToken))).toEqual(refusals.revoked);
  });
});

test('a refusal removes its field, and not the fields beside it', async () => {
  const { accessToken } = await register(app);
  const { sub: id } = claimsOf(accessToken);
  const query = '{ me { id active createdAt } viewer { id } }';
  const answer = await app.ask(query, { token: accessToken });
  expect(answer).toMatchObject({
    status: 200,
    data: { me: { id, active: null, createdAt: null }, viewer: { id } },
    errors: [{ path: ['me', 'active'] }, { path: ['me', 'createdAt'] }],
  });
  expect(failure(answer)).toEqual(refusals.adminRequired);
  expect(answer.errors[1]?.extensions).toEqual(answer.errors[0]?.extensions);
});

describe('the caller is authenticated', () => {
  test.each([
    ['the operation that is named', 'query A { serverTime } query B { me { id } }', 'B'],
    ['a fragment', 'query A { ...F } fragment F on Query { me { id } }', undefined],
    ['a field that is not skipped', 'query A { me @skip(if: false) { id } }', 'A'],
    ['a field deep down', '{ items { edges { node { price } } } }', undefined],
  ])('when %s needs it', async (_where, query, operationName) => {
    const { accessToken } = await register(app);
    await createItem(accessToken);
    const send = async (headers: Record<string, string>) => {
      const payload = { query, ...(operationName && { operationName }) };
      return (await app.inject({ method: 'POST', url: '/graphql', headers, payload })).json();
    };
    const signedIn = await send({ authorization: `Bearer ${accessToken}` });
    expect(signedIn.errors).toBeUndefined();
    const { errors } = await send({});
    expect(errors[0]).toMatchObject({ extensions: { reason: 'TOKEN_MISSING' } });
  });
});
