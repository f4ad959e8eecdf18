import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../src/user/table.ts';
import { claimsOf, pairFields } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const register = (variables: { username: string; password?: string; fullName?: string }) =>
  app.ask(
    `mutation ($username: String!, $password: String!, $fullName: String) {
      register(username: $username, password: $password, fullName: $fullName) { ${pairFields} }
    }`,
    { variables: { password: 'correct horse battery', ...variables } },
  );

const findUser = async (username: string) =>
  (await app.database.select().from(users).where(eq(users.username, username)))[0];

describe('a registration', () => {
  test('signs the new user in with a fresh token, and without the rights of an administrator', async () => {
    const answer = await register({ username: 'ada', fullName: 'Ada Lovelace' });
    expect(answer.data.register).toMatchObject({ fresh: true, tokenType: 'Bearer' });
    const { accessToken } = answer.data.register;
    const me = await app.ask('{ me { id username fullName isAdmin } }', { token: accessToken });
    expect(me.data.me).toEqual({
      id: claimsOf(accessToken)['sub'],
      username: 'ada',
      fullName: 'Ada Lovelace',
      isAdmin: false,
    });
  });

  test('stores the username in lower case, which is then taken in every letter case', async () => {
    await register({ username: 'Charles_Babbage' });
    expect(await findUser('charles_babbage')).toBeDefined();
    expect(failure(await register({ username: 'CHARLES_babbage' }))).toEqual({
      code: 'CONFLICT',
      message: 'That username is taken.',
    });
  });

  test('is refused where registration is closed', async () => {
    const closed = await startApp({
      database: app.database,
      environment: { REGISTRATION: 'closed' },
    });
    const answer = await closed.ask(
      'mutation { register(username: "late", password: "correct horse battery") { fresh } }',
    );
    expect(failure(answer)).toEqual(refusals.registrationClosed);
    expect(await findUser('late')).toBeUndefined();
    await closed.close();
  });
});

describe('a username', () => {
  test.each(['abc', 'a'.repeat(64), 'a.b_c@d+e-f', '123'])('may be "%s"', async (username) => {
    expect((await register({ username })).errors).toEqual([]);
  });

  test.each([
    ['two characters', 'ab'],
    ['65 characters', 'b'.repeat(65)],
    ['a blank', 'ada lovelace'],
    ['a blank at the end', 'ada '],
    ['letters with accents', 'adä'],
    ['a zero-width space', 'ada\u200b'],
    ['a change of writing direction', 'ada\u202e'],
    ['a line break', 'ada\n'],
    ['nothing', ''],
    ['Cyrillic look-alikes', 'аdа'],
  ])('may not have %s', async (_what, username) => {
    expect(failure(await register({ username }))).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'username',
      message:
        'A username has 3 to 64 characters, each of them a letter from a to z, a digit, or one of . _ @ + -',
    });
  });
});

describe('a password', () => {
  test.each([
    ['15 lower-case letters', 'kvxnqpazlmrtbwj'],
    ['15 emoji, which are 30 UTF-16 units', '🦊🐌🎻🍋🚲🌵🧊🎩🐙🔭🥨🪁🎈🦉🍄'],
    [
      'blanks and every printable ASCII character',
      String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + ((i * 37) % 95))),
    ],
    ['64 characters', 'four foxes dig 7 holes below a tall fence and nobody minds that!'],
    ['256 characters', `${'some foxes dig! '.repeat(16).slice(1)}?`],
  ])('may be %s', async (what, password) => {
    const username = `may-${what.replace(/[^a-z0-9]/g, '').slice(0, 50)}`;
    expect((await register({ username, password })).errors).toEqual([]);
  });

  test.each([
    ['14 characters', 'abcdefghijklmn', /at least 15/],
    ['14 emoji', '🦊'.repeat(14), /at least 15/],
    ['257 characters', 'q'.repeat(257), /at most 256/],
    ['10 KB', 'q'.repeat(10_240), /at most 256/],
    ['a common one', 'passwordpassword', /most common/],
    ['a common one in capitals', '1QAZ2WSX3EDC4RFV', /most common/],
    ['the username', 'the-name-of-a-user', /username/],
    ['the username in capitals', 'THE-NAME-OF-A-USER', /username/],
  ])('may not be %s, and the error has the reason', async (_what, password, reason) => {
    const answer = await register({ username: 'the-name-of-a-user', password });
    expect(failure(answer)).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'password',
      message: expect.stringMatching(reason),
    });
    expect(failure(answer)?.message).not.toContain(password);
    expect(await findUser('the-name-of-a-user')).toBeUndefined();
  });

  test.each(['iloveyou', 'sallyport', 'password1', 'qwertyuiop', '1234567890'])(
    'may not be "%s" where short ones are allowed',
    async (password) => {
      const lenient = await startApp({
        database: app.database,
        environment: { PASSWORD_MIN_LENGTH: '8' },
      });
      const answer = await lenient.ask(
        `mutation { register(username: "lenient", password: "${password}") { fresh } }`,
      );
      expect(failure(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'password' });
      await lenient.close();
    },
  );
});

test.each([
  ['200 characters', 'n'.repeat(200), []],
  ['201 characters', 'n'.repeat(201), ['BAD_USER_INPUT']],
  ['a control character', 'Ada\u0007', ['BAD_USER_INPUT']],
])('a full name of %s', async (what, fullName, codes) => {
  const username = `full-name-${what.slice(0, 3).trim()}`;
  const answer = await register({ username, fullName });
  expect(answer.errors.map(({ extensions }) => extensions?.['code'])).toEqual(codes);
});
