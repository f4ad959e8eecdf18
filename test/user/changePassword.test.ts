import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Account,
  claimsOf,
  login,
  type Pair,
  pairFields,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { type Answer, failure, password, startApp, type TestApp } from '../support/app.ts';
import { onPostgres } from '../support/database.ts';
import { refusals } from '../support/refusals.ts';

const newPassword = 'a stapler and a battery';

// Two nodes over one database.
let nodes: [TestApp, TestApp];
let app: TestApp;
beforeAll(async () => {
  // A sign-in that is refused because the password changed meanwhile is no guess, but counts as one.
  const environment = { RATE_LIMIT_ACCOUNT: '0' };
  app = await startApp({ environment });
  nodes = [app, await startApp({ environment, database: app.database, clock: app.clock })];
});
afterAll(async () => {
  await nodes[1].close();
  await app.close();
});

const changePassword = (
  { accessToken }: Pair,
  wanted = newPassword,
  { ask }: Pick<TestApp, 'ask'> = app,
) =>
  ask(
    `mutation ($newPassword: String!) { changePassword(newPassword: $newPassword) { ${pairFields} } }`,
    { token: accessToken, variables: { newPassword: wanted } },
  );

const signIn = (username: string, given: string, { ask }: Pick<TestApp, 'ask'> = app) =>
  ask(
    `mutation ($username: String!, $password: String!) {
      login(username: $username, password: $password) { ${pairFields} }
    }`,
    { variables: { username, password: given } },
  );

const me = ({ accessToken }: Pair) => app.ask('{ me { id } }', { token: accessToken });

const idOf = ({ accessToken }: Pair) => claimsOf(accessToken)['sid'];

/** The ids of the sessions that live, as the user sees them. */
async function liveSessions({ accessToken }: Pair): Promise<string[]> {
  const { sessions } = succeeded(await app.ask('{ sessions { id } }', { token: accessToken }));
  return sessions.map(({ id }: { id: string }) => id);
}

async function expectUnchanged(account: Account) {
  expect((await me(account)).errors).toEqual([]);
  expect((await signIn(account.username, password)).errors).toEqual([]);
  expect(failure(await signIn(account.username, newPassword))).toEqual(refusals.invalidCredentials);
}

describe('a change of password', () => {
  test('makes the new password the only one that signs in', async () => {
    const account = await register(app);
    expect((await changePassword(account)).errors).toEqual([]);
    expect((await signIn(account.username, newPassword)).errors).toEqual([]);
    expect(failure(await signIn(account.username, password))).toEqual(refusals.invalidCredentials);
  });

  test('returns a fresh pair of tokens of the same session, which continues', async () => {
    const account = await register(app);
    app.clock.advance(200);
    const pair: Pair = succeeded(await changePassword(account)).changePassword;
    expect(pair).toMatchObject({ tokenType: 'Bearer', expiresIn: 900, fresh: true });
    expect(claimsOf(pair.accessToken)).toMatchObject({
      sub: claimsOf(account.accessToken)['sub'],
      sid: idOf(account),
      auth_time: app.clock.now.getTime() / 1000,
      fresh: true,
    });
    app.clock.advance(300);
    const next: Pair = succeeded(await changePassword(pair, password)).changePassword;
    expect(await liveSessions(next)).toEqual([idOf(account)]);
  });

  test('returns a valid refresh token, more than once', async () => {
    const pair: Pair = succeeded(await changePassword(await register(app))).changePassword;
    const next: Pair = succeeded(await refresh(app, pair.refreshToken)).refresh;
    expect(succeeded(await refresh(app, next.refreshToken)).refresh).toMatchObject({
      fresh: false,
    });
  });

  test('ends every other session of the user with both tokens, and no session of other users', async () => {
    const [account, stranger] = [await register(app), await register(app)];
    const others = [await login(app, account.username), await login(app, account.username)];
    await changePassword(account);
    for (const other of others) {
      expect(failure(await me(other))).toEqual(refusals.revoked);
      expect(failure(await refresh(app, other.refreshToken))).toEqual(refusals.revoked);
    }
    expect((await me(stranger)).errors).toEqual([]);
    expect((await refresh(app, stranger.refreshToken)).errors).toEqual([]);
  });

  test('revokes every older refresh token of this session, whose use does not end the session', async () => {
    const first = await register(app);
    const second: Pair = succeeded(await refresh(app, first.refreshToken)).refresh;
    const fresh: Pair = succeeded(await signIn(first.username, password)).login;
    const kept: Pair = succeeded(await changePassword(fresh)).changePassword;
    for (const { refreshToken } of [first, second]) {
      expect(failure(await refresh(app, refreshToken))).toEqual(refusals.revoked);
    }
    expect(failure(await refresh(app, fresh.refreshToken))).toEqual(refusals.revoked);
    app.clock.advance(31);
    expect(failure(await refresh(app, fresh.refreshToken))).toEqual(refusals.revoked);
    expect((await me(kept)).errors).toEqual([]);
    expect((await refresh(app, kept.refreshToken)).errors).toEqual([]);
  });

  test('is accepted 300 s after the password check', async () => {
    const account = await register(app);
    app.clock.advance(300);
    expect((await changePassword(account)).errors).toEqual([]);
  });

  test('is refused 301 s after the password check, and changes nothing', async () => {
    const account = await register(app);
    app.clock.advance(301);
    expect(failure(await changePassword(account))).toEqual(refusals.freshRequired);
    await expectUnchanged(account);
  });

  test('is refused to a refreshed token, and to anonymous callers', async () => {
    const account = await register(app);
    const refreshed: Pair = succeeded(await refresh(app, account.refreshToken)).refresh;
    expect(failure(await changePassword(refreshed))).toEqual(refusals.freshRequired);
    const answer = await app.ask(
      `mutation { changePassword(newPassword: "${newPassword}") { fresh } }`,
    );
    expect(failure(answer)).toEqual(refusals.missing);
    await expectUnchanged(account);
  });

  test.each([
    ['14 characters', 'abcdefghijklmn', /^A password has at least 15 characters/],
    ['257 characters', 'q'.repeat(257), /^A password has at most 256 characters\.$/],
    ['nothing', '', /^A password has at least 15 characters/],
    ['a common password', 'passwordpassword', /most common/],
    ['the username', null, /cannot be the username/],
    ['a password that is easy to guess', 'password12345678', /easy to guess/],
  ])('to %s is refused, and changes nothing', async (_what, wanted, message) => {
    const account = await register(app);
    expect(failure(await changePassword(account, wanted ?? account.username))).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'newPassword',
      message: expect.stringMatching(message),
    });
    await expectUnchanged(account);
  });

  test.each([
    ['15 characters', 'kvxnqpazlmrtbwj'],
    ['256 characters', `${'some foxes dig! '.repeat(16).slice(1)}?`],
  ])('to %s is accepted', async (_what, wanted) => {
    const account = await register(app);
    expect((await changePassword(account, wanted)).errors).toEqual([]);
    expect((await signIn(account.username, wanted)).errors).toEqual([]);
  });
});

describe('at the moment of a change of password', () => {
  const users = onPostgres ? 6 : 4;
  const trialsEach = onPostgres ? 50 : 10;

  /** How many sign-ins came too late in a row of changes, of which each overlaps a sign-in with the old password. */
  async function countRefused(): Promise<number> {
    const account = await register(app);
    let pair: Pair = account;
    let current = password;
    let refused = 0;
    for (let trial = 0; trial < trialsEach; trial++) {
      const next = `password number ${trial}`;
      const signInOnce = () => signIn(account.username, current, nodes[1]);
      // A new password is judged before it is hashed, so the second sign-in is the one that overlaps its end.
      const [changed, early, late] = await Promise.all([
        changePassword(pair, next),
        ...((first) => [first, first.then(signInOnce)])(signInOnce()),
      ]);
      pair = succeeded(changed).changePassword;
      current = next;
      for (const signedIn of [early, late]) {
        if (signedIn?.data.login) continue;
        refused++;
        expect(failure(signedIn as Answer)).toEqual(refusals.invalidCredentials);
      }
      expect(await liveSessions(pair)).toEqual([idOf(account)]);
    }
    return refused;
  }

  test(`a sign-in with the old one on another node leaves no live session, in ${users * trialsEach} trials`, async () => {
    const refused = await Promise.all(Array.from({ length: users }, countRefused));
    const chance =
      'No sign-in came too late: a matter of chance, and nothing is shown. Run it again.';
    expect(Math.min(...refused), chance).toBeGreaterThan(0);
  }, 120_000);

  test('a freshLogin with the old password in the same session leaves no refresh token', async () => {
    const account = await register(app);
    let pair: Pair = account;
    let current = password;
    for (let trial = 0; trial < (onPostgres ? 40 : 10); trial++) {
      const next = `password number ${trial}`;
      const { accessToken: token } = pair;
      const freshLogin = (node: TestApp) =>
        node.ask('mutation ($old: String!) { freshLogin(password: $old) { refreshToken } }', {
          token,
          variables: { old: current },
        });
      const [changed, ...renewed] = await Promise.all([
        changePassword(pair, next),
        ...[nodes[0], nodes[1], nodes[1]].map(freshLogin),
      ]);
      pair = succeeded(changed).changePassword;
      current = next;
      for (const { data } of renewed) {
        if (!data?.freshLogin) continue;
        const answer = await refresh(app, data.freshLogin.refreshToken);
        expect(failure(answer)).toEqual(refusals.revoked);
      }
    }
  }, 60_000);

  test('another change on another node fails, and its session ends', async () => {
    for (let trial = 0; trial < 10; trial++) {
      const account = await register(app);
      const pairs = [account, await login(app, account.username)];
      const answers = await Promise.all(
        pairs.map((pair, index) =>
          changePassword(pair, `the choice of node ${index}`, nodes[index % 2]),
        ),
      );
      const winner = answers.findIndex(({ errors }) => errors.length === 0);
      expect(answers.map((answer) => failure(answer)?.['reason'])).toEqual(
        winner === 0 ? [undefined, 'TOKEN_REVOKED'] : ['TOKEN_REVOKED', undefined],
      );
      const pair: Pair = answers[winner]?.data.changePassword;
      expect(await liveSessions(pair)).toEqual([idOf(pair)]);
      const answer = await signIn(account.username, `the choice of node ${winner}`);
      expect(answer.errors).toEqual([]);
    }
  });
});
