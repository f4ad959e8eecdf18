import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { login, refresh, register } from '../support/account.ts';
import { type Ask, failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
let otherNode: TestApp;
beforeAll(async () => {
  app = await startApp();
  otherNode = await startApp({ database: app.database, clock: app.clock });
});
afterAll(async () => {
  await otherNode.close();
  await app.close();
});

const logout = (ask: Ask) =>
  app.ask('mutation ($token: String) { logout(refreshToken: $token) }', ask);

describe('a logout', () => {
  test.each([
    ['the access token', ({ accessToken }) => ({ token: accessToken })],
    ['the refresh token in the header', ({ refreshToken }) => ({ token: refreshToken })],
    [
      'the refresh token as argument',
      ({ refreshToken }) => ({ variables: { token: refreshToken } }),
    ],
  ] as [string, (pair: { accessToken: string; refreshToken: string }) => Ask][])(
    'with %s ends both tokens at once, on every node',
    async (_what, asking) => {
      const pair = await register(app);
      expect((await logout(asking(pair))).data).toEqual({ logout: true });
      for (const node of [app, otherNode]) {
        const answer = await node.ask('{ me { id } }', { token: pair.accessToken });
        expect(failure(answer)).toEqual(refusals.revoked);
        expect(failure(await refresh(node, pair.refreshToken))).toEqual(refusals.revoked);
      }
    },
  );

  test('may be done twice', async () => {
    const { accessToken } = await register(app);
    for (const _time of [1, 2]) {
      expect((await logout({ token: accessToken })).data).toEqual({ logout: true });
    }
  });

  test('takes an access token that has expired', async () => {
    const { accessToken, refreshToken } = await register(app);
    app.clock.advance(1000);
    expect((await logout({ token: accessToken })).data).toEqual({ logout: true });
    expect(failure(await refresh(app, refreshToken))).toEqual(refusals.revoked);
  });

  test('leaves the user’s other devices signed in', async () => {
    const first = await register(app);
    const second = await login(app, first.username);
    await logout({ token: first.accessToken });
    expect((await app.ask('{ me { id } }', { token: second.accessToken })).errors).toEqual([]);
  });

  test('with an invalid token ends nothing, and is an error', async () => {
    const { accessToken } = await register(app);
    const forged = `${accessToken.slice(0, -4)}AAAA`;
    expect(failure(await logout({ token: forged }))).toEqual(refusals.invalid);
    expect((await app.ask('{ me { id } }', { token: accessToken })).errors).toEqual([]);
  });

  test('without any token is refused with TOKEN_MISSING', async () => {
    expect(failure(await logout({}))).toMatchObject({ reason: 'TOKEN_MISSING' });
  });
});
