import { authErrors, authGuards } from '@sallyport/guards';
import { sql } from 'drizzle-orm';
import { GraphQLEnumType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../../src/schema.ts';
import { type Account, pairFields, refresh, register } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp();
  account = await register(app);
});
afterAll(() => app.close());

const unexpected = {
  code: 'INTERNAL_SERVER_ERROR',
  message: 'Something went wrong.',
  errorId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
};

/** Does something while a table is not there. */
async function without<T>(table: string, act: () => Promise<T>): Promise<T> {
  await app.database.execute(sql.raw(`alter table ${table} rename to lost`));
  app.logLines.length = 0;
  try {
    return await act();
  } finally {
    await app.database.execute(sql.raw(`alter table lost rename to ${table}`));
  }
}

/** The log lines of one unexpected error, which has to be there once. */
function logOf(errorId: unknown): Record<string, unknown> {
  const lines = app.logLines.filter(
    (line) => line.includes(String(errorId)) && JSON.parse(line).msg !== 'request',
  );
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '{}');
}

describe('a failure of the database', () => {
  test('in a field makes that field null, and the client gets only an error id', async () => {
    const answer = await without('items', () =>
      app.ask('{ serverTime item(name: "a-name-to-look-for") { id } }', {
        token: account.accessToken,
      }),
    );
    expect([answer.status, answer.data]).toEqual([
      200,
      { serverTime: '2030-01-01T12:00:00.000Z', item: null },
    ]);
    expect(answer.errors).toEqual([
      {
        message: 'Something went wrong.',
        locations: [{ line: 1, column: 14 }],
        path: ['item'],
        extensions: { code: unexpected.code, errorId: unexpected.errorId },
      },
    ]);
  });

  test('is logged under that id with its causes and its query, without the values of the query', async () => {
    const answer = await without('items', () =>
      app.ask('{ item(name: "a-name-to-look-for") { id } }', { token: account.accessToken }),
    );
    expect(logOf(failure(answer)?.['errorId'])).toMatchObject({
      level: 50,
      msg: 'unexpected error',
      path: ['item'],
      error: {
        message: expect.stringContaining('from "items" where'),
        stack: expect.stringContaining('items/resolvers.ts'),
        cause: { message: 'relation "items" does not exist', code: '42P01' },
      },
    });
    expect(app.logLines.join('')).not.toContain('a-name-to-look-for');
  });

  test('while an account is made logs neither the password nor its hash', async () => {
    const answer = await without('sessions', () =>
      app.ask(`mutation { register(username: "no-luck", password: "${password}") { fresh } }`),
    );
    expect(failure(answer)).toEqual(unexpected);
    logOf(failure(answer)?.['errorId']);
    expect(app.logLines.join('')).not.toMatch(/argon2|correct horse|no-luck/);
    const again = await app.ask(
      `mutation { register(username: "no-luck", password: "${password}") { fresh } }`,
    );
    expect(again.data).toEqual({ register: { fresh: true } });
  });

  test('in the insert of a password hash does not log the hash', async () => {
    await app.database.execute(
      sql.raw(`alter table users add constraint unlucky check (username <> 'unlucky')`),
    );
    app.logLines.length = 0;
    const answer = await app.ask(
      `mutation { register(username: "unlucky", password: "${password}") { fresh } }`,
    );
    expect(failure(answer)).toEqual(unexpected);
    expect(logOf(failure(answer)?.['errorId'])).toMatchObject({
      error: { cause: { code: '23514' } },
    });
    expect(app.logLines.join('')).not.toMatch(/argon2|correct horse/);
  });

  test('while a token is looked up refuses the operation, and logs no token', async () => {
    const { accessToken, refreshToken } = account;
    const [me, refreshed] = await without('sessions', async () => [
      await app.ask('{ me { id } }', { token: accessToken }),
      await refresh(app, refreshToken),
    ]);
    for (const answer of [me, refreshed]) {
      expect(answer && failure(answer)).toEqual(unexpected);
      logOf(answer && failure(answer)?.['errorId']);
    }
    const log = app.logLines.join('');
    expect(log).not.toContain(accessToken.split('.')[2]);
    expect(log).not.toContain(refreshToken.split('.')[2]);
    expect(log).not.toMatch(/bearer/i);
    expect((await app.ask('{ me { id } }', { token: accessToken })).errors).toEqual([]);
  });

  test('does not affect fields that do not need the database', async () => {
    const answer = await without('sessions', () =>
      app.ask('{ serverTime }', { token: account.accessToken }),
    );
    expect(answer.errors).toEqual([]);
  });
});

test('the enum AuthErrorReason of the schema has the reasons of the server, and no others', () => {
  const type = createSchema(authGuards({ freshSeconds: 300 })).getType('AuthErrorReason');
  if (!(type instanceof GraphQLEnumType)) throw new Error('AuthErrorReason is not an enum.');
  expect(type.getValues().map(({ name }) => name)).toEqual(Object.keys(authErrors));
});

test('a whole life of a session leaves no password and no token in the log, at level trace', async () => {
  app.logLines.length = 0;
  const secrets = [password, 'wrong horse battery', 'correct%20horse'];
  const remember = ({ accessToken, refreshToken }: { accessToken: string; refreshToken: string }) =>
    secrets.push(accessToken, refreshToken, ...accessToken.split('.'), ...refreshToken.split('.'));
  const user = await register(app);
  remember(user);
  const { refreshToken } = user;
  const pair = (await refresh(app, refreshToken)).data.refresh;
  remember(pair);
  const freshLogin = `mutation ($password: String!) { freshLogin(password: $password) { ${pairFields} } }`;
  const send = (given: string) =>
    app.ask(freshLogin, { token: pair.accessToken, variables: { password: given } });
  expect(failure(await send('wrong horse battery'))).toMatchObject({
    reason: 'INVALID_CREDENTIALS',
  });
  const fresh = (await send(password)).data.freshLogin;
  remember(fresh);
  const literal = await app.ask(
    `mutation { login(username: "${user.username}", password: "wrong horse battery") { fresh } }`,
    { headers: { authorization: `Basic ${Buffer.from(password).toString('base64')}` } },
  );
  secrets.push(Buffer.from(password).toString('base64'));
  expect(failure(literal)).toMatchObject({ reason: 'INVALID_CREDENTIALS' });
  await app.inject({ method: 'POST', url: `/graphql?token=${fresh.accessToken}`, payload: {} });
  await app.inject({ url: `/nowhere?password=correct%20horse&token=${fresh.accessToken}` });
  await app.ask('mutation { logout }', { token: fresh.accessToken });
  await app.ask('{ me { id } }', { token: `${fresh.accessToken}x` });

  expect(app.logLines.length).toBeGreaterThanOrEqual(8);
  const log = app.logLines.join('\n');
  for (const secret of new Set(secrets)) expect(log).not.toContain(secret);
  expect(log).not.toMatch(/authorization|bearer|cookie/i);
});
