import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../src/session/session.ts';
import { sessions } from '../../src/session/table.ts';
import { users } from '../../src/user/table.ts';
import { claimsOf, login, pairFields, refresh, register, succeeded } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const loginMutation = `mutation ($username: String!, $password: String!, $device: String) {
  login(username: $username, password: $password, device: $device) { ${pairFields} }
}`;

describe('a sign-in', () => {
  test('returns a fresh pair of tokens that opens fields for users', async () => {
    const { username } = await register(app);
    const pair = await login(app, username);
    expect(pair).toMatchObject({
      tokenType: 'Bearer',
      expiresIn: 900,
      refreshExpiresIn: 1_209_600,
      fresh: true,
    });
    const answer = await app.ask('{ me { id username } }', { token: pair.accessToken });
    expect(answer).toMatchObject({ data: { me: { id: pair.userId, username } }, errors: [] });
    expect(claimsOf(pair.accessToken)['sub']).toBe(pair.userId);
    expect(succeeded(await refresh(app, pair.refreshToken)).refresh.userId).toBe(pair.userId);
  });

  test('opens a session of its own each time, and ends no other', async () => {
    const first = await register(app);
    const second = await login(app, first.username);
    expect(claimsOf(second.accessToken)['sid']).not.toBe(claimsOf(first.accessToken)['sid']);
    for (const { accessToken, refreshToken } of [first, second]) {
      expect((await app.ask('{ me { id } }', { token: accessToken })).errors).toEqual([]);
      expect((await refresh(app, refreshToken)).errors).toEqual([]);
    }
  });

  test('takes the name in any letter case and in full-width letters', async () => {
    await app.ask(
      `mutation { register(username: "Grace.Hopper", password: "${password}") { fresh } }`,
    );
    for (const username of ['grace.hopper', 'GRACE.HOPPER', 'ｇｒａｃｅ．ｈｏｐｐｅｒ']) {
      const answer = await app.ask(loginMutation, { variables: { username, password } });
      expect(answer.errors).toEqual([]);
    }
  });

  test('keeps the device, the address and the program it came from', async () => {
    const { username } = await register(app);
    const answer = await app.ask(loginMutation, {
      variables: { username, password, device: 'Ada’s phone' },
      headers: { 'user-agent': 'test/1' },
    });
    const sid = claimsOf(answer.data.login.accessToken)['sid'] as string;
    const [row] = await app.database.select().from(sessions).where(eq(sessions.id, sid));
    expect(row).toMatchObject({ device: 'Ada’s phone', ip: '127.0.0.1', userAgent: 'test/1' });
  });

  test.each([
    ['101 characters', 'x'.repeat(101)],
    ['a line break', 'one\ntwo'],
  ])('with a device name of %s is refused', async (_what, device) => {
    const { username } = await register(app);
    const answer = await app.ask(loginMutation, { variables: { username, password, device } });
    expect(failure(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'device' });
  });

  test('works with an invalid token in the header, which is not read', async () => {
    const { username } = await register(app);
    const answer = await app.ask(loginMutation, {
      variables: { username, password },
      token: 'not.a.token',
    });
    expect(answer.errors).toEqual([]);
  });

  test('ignores a session id, a role or a user id that the client sends', async () => {
    const { username } = await register(app);
    const answer = await app.ask(
      `mutation { login(username: "${username}", password: "${password}", sid: "x", isAdmin: true) { fresh } }`,
    );
    expect(failure(answer)).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});

describe('a refused sign-in', () => {
  test.each([
    ['a wrong password', {}, 'not the password at all'],
    ['a disabled user', { active: false }, password],
    ['an empty password', {}, ''],
    ['the password with a blank behind it', {}, `${password} `],
  ])('has the same error for %s', async (_what, change: { active?: boolean }, given) => {
    const { username } = await register(app);
    if (Object.keys(change).length > 0) {
      await app.database.update(users).set(change).where(eq(users.username, username));
    }
    const answer = await app.ask(loginMutation, { variables: { username, password: given } });
    expect(failure(answer)).toEqual(refusals.invalidCredentials);
    expect(answer).toMatchObject({ status: 200, data: { login: null } });
  });

  test.each(['nobody-of-this-name', 'no', 'not a name', '', 'ünïcode'])(
    'says the same for the unknown name "%s"',
    async (username) => {
      const answer = await app.ask(loginMutation, { variables: { username, password } });
      expect(failure(answer)).toEqual(refusals.invalidCredentials);
      expect(answer).toMatchObject({ status: 200, data: { login: null } });
    },
  );
});

describe('passwords', () => {
  test('are the same in composed and decomposed form', async () => {
    const composed = 'crème brûlée à la carte';
    const username = 'normal-form';
    await app.ask(
      'mutation ($password: String!) { register(username: "normal-form", password: $password) { fresh } }',
      { variables: { password: composed } },
    );
    const answer = await app.ask(loginMutation, {
      variables: { username, password: composed.normalize('NFD') },
    });
    expect(answer.errors).toEqual([]);
  });

  test('that begin with the same 72 bytes are still two passwords', async () => {
    const username = 'long-password';
    const long = 'x'.repeat(100);
    await app.ask(
      'mutation ($password: String!) { register(username: "long-password", password: $password) { fresh } }',
      { variables: { password: long } },
    );
    const answer = await app.ask(loginMutation, {
      variables: { username, password: `${'x'.repeat(99)}y` },
    });
    expect(failure(answer)).toEqual(refusals.invalidCredentials);
  });

  test('hashed with older parameters are hashed anew at the sign-in, and sessions stay', async () => {
    const account = await register(app);
    const { hash } = await import('@node-rs/argon2');
    const old = await hash(password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    const byName = eq(users.username, account.username);
    await app.database.update(users).set({ passwordHash: old }).where(byName);
    await login(app, account.username);
    const [user] = await app.database.select().from(users).where(byName);
    expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await login(app, account.username);
    expect((await refresh(app, account.refreshToken)).errors).toEqual([]);
  });

  test('that changed after the look-up of the user open no session', async () => {
    const { username } = await register(app);
    const byName = eq(users.username, username);
    const [lookedUp] = await app.database.select().from(users).where(byName);
    await app.database.update(users).set({ credentialEpoch: 1 }).where(byName);
    const origin = { device: null, ip: '127.0.0.1', userAgent: null };
    const { config, clock, database } = app;
    const open = (epoch: number) =>
      database.transaction((transaction) =>
        openSession(
          transaction,
          { id: lookedUp?.id ?? '', credentialEpoch: epoch },
          origin,
          config.jwt,
          clock.now,
        ),
      );
    expect(await open(0)).toBeNull();
    expect(await open(1)).toMatchObject({ userId: lookedUp?.id });
  });
});
