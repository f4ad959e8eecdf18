import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { users } from '../../src/user/table.ts';
import {
  type Account,
  claimsOf,
  login,
  type Pair,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { onPostgres } from '../support/database.ts';
import { refusals } from '../support/refusals.ts';

const lastAdmin = {
  code: 'CONFLICT',
  message: 'This is the last active administrator. Make another one first.',
};

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

const deleteAccount = ({ accessToken }: Pair, { ask }: Pick<TestApp, 'ask'> = app) =>
  ask('mutation { deleteAccount }', { token: accessToken });

const me = ({ accessToken }: Pair) => app.ask('{ me { id } }', { token: accessToken });

const countUsers = ({ username }: Account) =>
  app.database.$count(users, eq(users.username, username));

describe('an account that its user deletes', () => {
  test('is deleted with its sessions, and its tokens are refused with USER_NOT_FOUND', async () => {
    const account = await register(app);
    const other = await login(app, account.username);
    expect((await deleteAccount(account)).data).toEqual({ deleteAccount: true });
    for (const pair of [account, other]) {
      expect(failure(await me(pair))).toEqual(refusals.userNotFound);
      expect(failure(await refresh(app, pair.refreshToken))).toEqual(refusals.userNotFound);
    }
    expect(await countUsers(account)).toBe(0);
    const userId = claimsOf(account.accessToken)['sub'] as string;
    expect(await app.database.$count(sessions, eq(sessions.userId, userId))).toBe(0);
  });

  test('is deleted with its API tokens', async () => {
    const { accessToken: token } = await register(app);
    const made = await app.ask('mutation { createApiToken(name: "backup") { token } }', { token });
    await deleteAccount({ accessToken: token } as Pair);
    const answer = await app.ask('{ me { id } }', { token: made.data.createApiToken.token });
    expect(failure(answer)).toEqual(refusals.invalid);
  });

  test('signs in no more, and its username can be registered again', async () => {
    const account = await register(app);
    await deleteAccount(account);
    const variables = { username: account.username, password };
    const answer = await app.ask(
      'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { fresh } }',
      { variables },
    );
    expect(failure(answer)).toEqual(refusals.invalidCredentials);
    const again = await app.ask(
      'mutation ($username: String!, $password: String!) { register(username: $username, password: $password) { accessToken } }',
      { variables },
    );
    const { accessToken } = succeeded(again).register;
    expect(claimsOf(accessToken)['sub']).not.toBe(claimsOf(account.accessToken)['sub']);
    expect(failure(await me(account))).toEqual(refusals.userNotFound);
  });

  test('does not change other accounts', async () => {
    const [account, other] = [await register(app), await register(app)];
    await deleteAccount(account);
    expect((await me(other)).errors).toEqual([]);
  });
});

describe('deleteAccount is refused', () => {
  test('301 s after the password check, and accepted within 300 s', async () => {
    const [late, inTime] = [await register(app), await register(app)];
    app.clock.advance(300);
    expect((await deleteAccount(inTime)).errors).toEqual([]);
    app.clock.advance(1);
    expect(failure(await deleteAccount(late))).toEqual(refusals.freshRequired);
    expect((await me(late)).errors).toEqual([]);
  });

  test('with a refreshed token, or without a token', async () => {
    const account = await register(app);
    const refreshed: Pair = succeeded(await refresh(app, account.refreshToken)).refresh;
    expect(failure(await deleteAccount(refreshed))).toEqual(refusals.freshRequired);
    expect(failure(await app.ask('mutation { deleteAccount }'))).toEqual(refusals.missing);
    expect(await countUsers(account)).toBe(1);
  });
});

describe('the last active administrator', () => {
  let admin: Account;
  beforeAll(async () => {
    admin = await register(app, { admin: true });
  });

  test('cannot be deleted, and keeps the sessions', async () => {
    expect(failure(await deleteAccount(admin))).toEqual(lastAdmin);
    expect((await me(admin)).errors).toEqual([]);
    expect((await refresh(app, admin.refreshToken)).errors).toEqual([]);
  });

  test('cannot be deleted when the only other administrator is disabled', async () => {
    const disabled = await register(app, { admin: true });
    await app.database
      .update(users)
      .set({ active: false })
      .where(eq(users.username, disabled.username));
    expect(failure(await deleteAccount(admin))).toEqual(lastAdmin);
    expect((await me(admin)).errors).toEqual([]);
  });

  test('can be deleted when there is another administrator, who is then the last', async () => {
    const other = await register(app, { admin: true });
    expect((await deleteAccount(admin)).errors).toEqual([]);
    expect(failure(await deleteAccount(other))).toEqual(lastAdmin);
    admin = other;
  });

  test('is one of two administrators who delete themselves at the same moment on two nodes', async () => {
    for (let trial = 0; trial < (onPostgres ? 50 : 10); trial++) {
      const both: [Account, Account] = [admin, await register(app, { admin: true })];
      const answers = await Promise.all([
        deleteAccount(both[0]),
        deleteAccount(both[1], otherNode),
      ]);
      expect(answers.map(failure).filter((error) => error !== undefined)).toEqual([lastAdmin]);
      admin = both[answers.findIndex(({ errors }) => errors.length > 0)] as Account;
      expect((await me(admin)).errors).toEqual([]);
    }
  });
});
