import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { auditEvents } from '../../src/audit/table.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';
import { claimsOf, type Pair, pairFields, register, succeeded } from '../support/account.ts';
import { failure, password, type TestApp } from '../support/app.ts';
import { advance, limited, startAppInFrozenTime } from '../throttle/frozenTime.ts';

const hour = 60 * 60;

let app: TestApp;
beforeAll(async () => {
  app = await startAppInFrozenTime();
});
afterAll(async () => {
  await app.close();
  vi.useRealTimers();
});

const changePassword = ({ accessToken: token }: Pair, newPassword = 'a stapler and a battery') =>
  app.ask(`mutation ($p: String!) { changePassword(newPassword: $p) { ${pairFields} } }`, {
    token,
    variables: { p: newPassword },
  });

/** Counts changes as if they had been made, without their hashes. */
async function count({ accessToken }: Pair, changes: number): Promise<void> {
  const throttle = createThrottle(app.database, app.config.rateLimits);
  for (let change = 0; change < changes; change++) {
    await throttle.reservePasswordChange(claimsOf(accessToken)['sub'] as string);
  }
}

test('a user changes the password 60 times an hour, and then waits, with the same tokens', async () => {
  const [account, other] = [await register(app), await register(app)];
  await count(account, 58);
  let pair: Pair = account;
  for (const newPassword of ['a stapler and a battery', 'a battery and a stapler']) {
    pair = succeeded(await changePassword(pair, newPassword)).changePassword;
  }
  const events = await app.database.$count(auditEvents);
  expect(failure(await changePassword(pair))).toEqual(limited(hour));
  expect(await app.database.$count(auditEvents)).toBe(events);
  expect((await app.ask('{ me { id } }', { token: pair.accessToken })).errors).toEqual([]);
  expect((await changePassword(other)).errors).toEqual([]);
});

test('after the hour the password may be changed again', async () => {
  const account = await register(app);
  await count(account, 60);
  expect(failure(await changePassword(account))).toEqual(limited(hour));
  advance(hour + 1);
  const signIn = `mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { ${pairFields} } }`;
  const variables = { u: account.username, p: password };
  const { login } = succeeded(await app.ask(signIn, { variables }));
  expect((await changePassword(login)).errors).toEqual([]);
});

test('a refused password does not count as a change', async () => {
  const account = await register(app);
  await count(account, 59);
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(failure(await changePassword(account, 'password12345678'))).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'newPassword',
    });
  }
  expect((await changePassword(account)).errors).toEqual([]);
});
