import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf, pairFields, refresh, register } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

let items = 0;
const createItem = (token: string) =>
  app.ask('mutation ($name: String!) { createItem(name: $name, price: 1) { name } }', {
    token,
    variables: { name: `item ${items++}` },
  });

const freshLogin = (token: string, given = password) =>
  app.ask(`mutation ($password: String!) { freshLogin(password: $password) { ${pairFields} } }`, {
    token,
    variables: { password: given },
  });

describe('a field that needs a fresh token', () => {
  test.each([0, 299, 300])('opens %i s after the sign-in', async (seconds) => {
    const { accessToken } = await register(app);
    app.clock.advance(seconds);
    expect((await createItem(accessToken)).errors).toEqual([]);
  });

  test('is closed 301 s after the sign-in, although the token is valid', async () => {
    const { accessToken } = await register(app);
    app.clock.advance(301);
    expect(failure(await createItem(accessToken))).toEqual(refusals.freshRequired);
    expect((await app.ask('{ me { id } }', { token: accessToken })).errors).toEqual([]);
  });

  test('is closed to a refreshed token at once', async () => {
    const { refreshToken } = await register(app);
    const { accessToken } = (await refresh(app, refreshToken)).data.refresh;
    expect(failure(await createItem(accessToken))).toEqual(refusals.freshRequired);
  });

  test('is closed to anonymous callers with the reason TOKEN_MISSING', async () => {
    const answer = await app.ask('mutation { createItem(name: "x", price: 1) { name } }');
    expect(failure(answer)).toEqual(refusals.missing);
  });
});

describe('freshLogin', () => {
  test('makes the same session of the same user fresh again, for as long as a sign-in does', async () => {
    const first = await register(app);
    app.clock.advance(400);
    const pair = (await freshLogin(first.accessToken)).data.freshLogin;
    expect(pair).toMatchObject({ fresh: true, tokenType: 'Bearer', expiresIn: 900 });
    const [before, after] = [claimsOf(first.accessToken), claimsOf(pair.accessToken)];
    expect(after).toMatchObject({ sub: before['sub'], sid: before['sid'], fresh: true });
    expect(after['auth_time']).toBe(Number(before['auth_time']) + 400);
    app.clock.advance(300);
    expect((await createItem(pair.accessToken)).errors).toEqual([]);
    app.clock.advance(1);
    expect(failure(await createItem(pair.accessToken))).toEqual(refusals.freshRequired);
  });

  test('does not change the refresh token of the session, which other tabs use', async () => {
    const first = await register(app);
    const pair = (await freshLogin(first.accessToken)).data.freshLogin;
    expect(pair.refreshToken).toBe(first.refreshToken);
    expect((await refresh(app, first.refreshToken)).errors).toEqual([]);
  });

  test('sets the time of the password check in later tokens of the session, which are not fresh', async () => {
    const first = await register(app);
    app.clock.advance(50);
    const pair = (await freshLogin(first.accessToken)).data.freshLogin;
    const refreshed = (await refresh(app, pair.refreshToken)).data.refresh;
    expect(claimsOf(refreshed.accessToken)).toMatchObject({
      auth_time: claimsOf(pair.accessToken)['auth_time'],
      fresh: false,
    });
  });

  test('with a wrong password, or the password of another user, is refused', async () => {
    const [one] = [await register(app), await register(app)];
    expect(failure(await freshLogin(one.accessToken, 'somebody else’s words'))).toEqual(
      refusals.invalidCredentials,
    );
  });

  test('without a token is refused', async () => {
    const answer = await app.ask(`mutation { freshLogin(password: "${password}") { fresh } }`);
    expect(failure(answer)).toEqual(refusals.missing);
  });

  test('after the session has ended is refused', async () => {
    const { accessToken } = await register(app);
    await app.ask('mutation { logout }', { token: accessToken });
    expect(failure(await freshLogin(accessToken))).toEqual(refusals.revoked);
  });
});
