import { type Query, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guesses } from '../../src/throttle/table.ts';
import { type Account, login, register, succeeded } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { recordStatements } from '../support/sentStatements.ts';

let app: TestApp;
let sent: Query[];
let account: Account;
beforeAll(async () => {
  // With every limit that a server has unless it is told otherwise, but wide enough for this file.
  const limits = { RATE_LIMIT_SIGN_IN: '1000', RATE_LIMIT_REGISTER: '1000' };
  app = await startApp({ environment: limits });
  sent = recordStatements(app.database);
  account = await register(app);
});
afterAll(() => app.close());

const send = (mutation: string, given = password, token?: string) =>
  app.ask(
    `mutation ($username: String!, $password: String!) {
      ${mutation}(username: $username, password: $password) { accessToken }
    }`,
    { variables: { username: account.username, password: given }, ...(token && { token }) },
  );

const freshLogin = async (token: string) =>
  await app.ask(`mutation { freshLogin(password: "${password}") { accessToken } }`, { token });

// A time depends on the machine; how often a change waits for the database does not.
test.each<[maximum: number, name: string, change: () => Promise<unknown>]>([
  [6, 'a sign-in', () => login(app, account.username)],
  [7, 'a sign-in from a device that is known', () => send('login', password, account.accessToken)],
  [3, 'a wrong password', () => send('login', 'somebody else’s words')],
  [6, 'a registration', () => register(app)],
  [4, 'a registration with a name that is taken', () => send('register')],
  [11, 'a fresh login', () => freshLogin(account.accessToken)],
])('at most %i round trips to the database are made by %s', async (maximum, _name, change) => {
  // What a connection, or a token, does the first time alone is not counted.
  await change();
  sent.length = 0;
  await change();
  expect(sent.map((statement) => statement.sql).slice(maximum)).toEqual([]);
  expect(sent.length).toBeGreaterThan(1);
});

test('at most 7 round trips to the database are made by a sign-in that ends another session', async () => {
  const { username } = await register(app);
  for (let count = 1; count < 50; count++) await login(app, username);
  sent.length = 0;
  await login(app, username);
  expect(sent.map((statement) => statement.sql).slice(7)).toEqual([]);
  expect(sent.at(-2)?.sql).toContain('audit_events');
});

test('the right password resets the count of wrong ones although no session could be opened', async () => {
  const { username } = await register(app);
  const signIn = (given: string) =>
    app.ask(
      `mutation ($username: String!, $password: String!) {
        login(username: $username, password: $password) { accessToken }
      }`,
      { variables: { username, password: given } },
    );
  await app.database.delete(guesses);
  const wrong = await signIn('somebody else’s words');
  expect(failure(wrong)).toEqual(refusals.invalidCredentials);
  expect(await app.database.$count(guesses)).toBe(2);
  await app.database.execute(sql`alter table sessions rename column device to no_device`);
  const answer = await signIn(password);
  await app.database.execute(sql`alter table sessions rename column no_device to device`);
  expect(answer.errors).toHaveLength(1);
  // The place is forgotten, and of the account nothing counts.
  const [left, ...others] = await app.database.select().from(guesses);
  expect(left).toMatchObject({ failures: 0 });
  expect(others).toEqual([]);
  succeeded(await signIn(password));
});
