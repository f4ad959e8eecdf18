import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Account, login, register } from '../support/account.ts';
import { failure, password, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import {
  advance,
  limited,
  type SignIn,
  send,
  signIn,
  startAppInFrozenTime,
  wrongPassword,
} from './frozenTime.ts';

const { invalidCredentials } = refusals;

let app: TestApp;
beforeAll(async () => {
  app = await startAppInFrozenTime();
});
afterAll(async () => {
  await app.close();
  vi.useRealTimers();
});

/** Fails as often as is allowed, and expects the next attempt to be refused. */
async function useUp(attempt: SignIn): Promise<void> {
  for (let count = 0; count < 5; count++) {
    expect(failure(await signIn(app, attempt))).toEqual(invalidCredentials);
  }
  expect(failure(await signIn(app, { ...attempt, password }))).toEqual(limited(60));
}

function freshLogin(token: string, given: string) {
  const query = 'mutation ($p: String!) { freshLogin(password: $p) { fresh } }';
  return send(app, { query, variables: { p: given } }, { token });
}

describe('while an account is limited', () => {
  test.each<[string, (account: Account) => string, number]>([
    ['an access token', ({ accessToken }) => accessToken, 0],
    ['an expired access token', ({ accessToken }) => accessToken, 3600],
    ['a refresh token', ({ refreshToken }) => refreshToken, 3600],
    ['a token that has expired, with its session,', ({ refreshToken }) => refreshToken, 7_700_000],
  ])('a device with %s of a session of the last 90 days signs in', async (_what, tokenOf, age) => {
    const account = await register(app);
    const { username } = account;
    advance(age);
    await useUp({ username });
    const answer = await signIn(app, { username, password, token: tokenOf(account) });
    expect(answer.data).toEqual({ login: { fresh: true } });
    expect(failure(await signIn(app, { username, password }))).toEqual(limited(60));
  });

  test('a token of another user does not help', async () => {
    const [{ username }, { accessToken }] = [await register(app), await register(app)];
    await useUp({ username });
    const answer = await signIn(app, { username, password, token: accessToken });
    expect(failure(answer)).toEqual(limited(60));
  });

  test.each<[string, (account: Account) => unknown]>([
    ['that was signed out', ({ accessToken: token }) => app.ask('mutation { logout }', { token })],
    ['that was not used for 90 days', () => advance(90 * 24 * 3600)],
  ])('the token of a session %s does not help', async (_what, end) => {
    const account = await register(app);
    const { username, accessToken: token } = account;
    await end(account);
    await useUp({ username });
    expect(failure(await signIn(app, { username, password, token }))).toEqual(limited(60));
  });

  test('a token of another server does not help', async () => {
    const environment = {
      JWT_SECRET_KEY: 'another server signs with this secret key, not with ours',
    };
    const stranger = await startAppInFrozenTime({ environment, database: app.database });
    const { username, accessToken: token } = await register(stranger);
    await useUp({ username });
    expect(failure(await signIn(app, { username, password, token }))).toEqual(limited(60));
    await stranger.close();
  });
});

describe('a device with a live session', () => {
  test('is limited by itself, without its account or other devices', async () => {
    const { username, accessToken: token } = await register(app);
    const other = await login(app, username);
    await useUp({ username, token });
    for (const attempt of [{ username }, { username, token: other.refreshToken }]) {
      expect((await signIn(app, { ...attempt, password })).errors).toEqual([]);
    }
    expect(failure(await signIn(app, { username, password, token }))).toEqual(limited(60));
  });

  test('is limited in freshLogin too, with each token of its session', async () => {
    const { username, accessToken, refreshToken } = await register(app);
    for (let count = 0; count < 5; count++) {
      expect(failure(await freshLogin(accessToken, wrongPassword))).toEqual(invalidCredentials);
    }
    expect(failure(await freshLogin(accessToken, password))).toEqual(limited(60));
    const asLogin = await signIn(app, { username, password, token: refreshToken });
    expect(failure(asLogin)).toEqual(limited(60));
    expect((await signIn(app, { username, password })).errors).toEqual([]);
    advance(60);
    expect((await freshLogin(accessToken, password)).data).toEqual({ freshLogin: { fresh: true } });
    expect((await freshLogin(accessToken, password)).errors).toEqual([]);
  });
});
