import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ environment: { JWT_ISSUER: 'https://login.acorn-garden.example' } });
});
afterAll(() => app.close());

interface Registration {
  readonly username?: string;
  readonly password: string;
  readonly fullName?: string;
}

const register = (registration: Registration, { ask } = app) =>
  ask(
    `mutation ($username: String!, $password: String!, $fullName: String) {
      register(username: $username, password: $password, fullName: $fullName) { fresh }
    }`,
    { variables: { username: 'ada.lovelace', fullName: 'Augusta King', ...registration } },
  );

const easy = expect.stringMatching(/^This password is easy to guess: /);
const repeated = 'This password repeats itself, and what repeats is guessed first. Choose another.';
const refusal = (message: unknown) => ({ code: 'BAD_USER_INPUT', argument: 'password', message });

describe('a password is refused that', () => {
  test.each([
    'password12345678',
    'Password12345678!',
    'P@$$w0rd12345678',
    '1234567890123456',
    '0987654321098765',
    'qwertyuiopasdfgh',
    'qwertyuiopasdfghjkl',
    'zxcvbnmasdfghjkl',
    'qazwsxedcrfvtgbyhn',
    '!@#$%^&*()_+{}|:',
    'abcdefghijklmnop',
    'zyxwvutsrqponmlk',
    'welcome123456789',
    'administrator123',
    'monkeydragonmaster',
    'supersecretpassword',
    'thisismypassword',
    'letmeinletmein01',
    '111111222222333333',
    '19841984198419841',
    `${'a'.repeat(63)}b`,
    `${'abc'.repeat(30)}ab`,
    // Beyond the 64th character nothing is looked at.
    `${'qwertyuiop'.repeat(7)}vJ8#kQ2!pLm9@xRt`,
  ])('is among the first guesses: %s', async (password) => {
    expect(failure(await register({ password }))).toEqual(refusal(easy));
  });

  test.each([
    'aaaaaaaaaaaaaaaa',
    'xyxyxyxyxyxyxyxy',
    '2024-01-01-2024-01-01',
    'Tr0ub4dor&3 / tr0ub4dor&3!',
    '----------------',
    '                ',
    '🦊'.repeat(15),
    'ada.lovelaceada.lovelace',
    'AdaAdaADAadaAdaada',
    'vJ8#kQ2!pLvJ8#kQ2!pL',
    'q'.repeat(256),
  ])('repeats itself: %s', async (password) => {
    expect(failure(await register({ password }))).toEqual(refusal(repeated));
  });

  test.each([
    ['the username and a year', 'ada.lovelace1815'],
    ['parts of the username', 'Lovelace-Ada-1815'],
    ['the full name', 'augusta king 1815'],
    ['the name of the service', 'sallyport12345678'],
    ['parts of the issuer', 'acorn-garden-2024'],
  ])('is made of %s', async (_what, password) => {
    expect(failure(await register({ password }))).toEqual(refusal(easy));
  });

  test('is made of names of another person is accepted', async () => {
    const answer = await register({
      username: 'grace',
      fullName: 'Grace Hopper',
      password: 'augusta-lovelace-ada',
    });
    expect(answer.errors).toEqual([]);
  });

  test.each([
    'correct horse battery staple',
    'Correct-Horse-Battery-Staple-1',
    'correcthorsebatterystaple',
    'To be, or not to be, that is the question',
    'May the Force be with you!',
    'Never gonna give you up',
  ])('is a well-known phrase: %s', async (password) => {
    expect(failure(await register({ password }))).toEqual(refusal(easy));
  });
});

test.each([
  'correct horse battery',
  'another horse battery',
  'purple monkey dishwasher',
  'tangerine otter walks home',
  'liquid-trumpet-ocean',
  'glass violin raccoon 42',
  'vJ8#kQ2!pLm9@xRt',
  'kvxnqpazlmrtbwj',
  '7f3e9a1c5b2d8046',
  'Größenwahn am Mittwoch',
  'żółw pływa w zupie',
  'ニャンコ先生は今日も元気で寝ている',
  'may the fourth horse swim',
])('a password that is hard to guess is accepted: %s', async (password) => {
  const username = `strong-${Buffer.from(password).toString('hex').slice(0, 40)}`;
  expect((await register({ username, password })).errors).toEqual([]);
});

test('where eight characters are allowed, random ones are accepted, and common ones are refused', async () => {
  const lenient = await startApp({
    database: app.database,
    environment: { PASSWORD_MIN_LENGTH: '8' },
  });
  for (const [index, password] of ['xk7vq2mz', 'Tq9!fZ3w', 'pvx4nwkd'].entries()) {
    const answer = await register({ username: `eight-${index}`, password }, lenient);
    expect(answer.errors).toEqual([]);
  }
  for (const password of ['abcdefgh', 'qwer1234', 'lovelace', '12121212']) {
    const { code, argument } = failure(await register({ password }, lenient)) ?? {};
    expect({ code, argument }).toEqual({ code: 'BAD_USER_INPUT', argument: 'password' });
  }
  await lenient.close();
});

describe('a registration with several bad arguments', () => {
  test('returns all problems of all of them', async () => {
    const answer = await register({ username: 'a b', password: 'short', fullName: 'A\u202eda' });
    const problems = [
      {
        argument: 'username',
        message:
          'A username has 3 to 64 characters, each of them a letter from a to z, a digit, or one of . _ @ + -',
      },
      {
        argument: 'password',
        message:
          'A password has at least 15 characters: a few words in a row are easy to remember.',
      },
      {
        argument: 'fullName',
        message:
          '"fullName" must not have invisible characters, or such that change the direction of writing.',
      },
    ];
    expect(failure(answer)).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'username',
      problems,
      message: problems.map(({ message }) => message).join(' '),
    });
  });

  test('returns the problems of two of them', async () => {
    const answer = await register({ password: 'q'.repeat(300), fullName: 'n'.repeat(201) });
    expect(failure(answer)).toMatchObject({
      argument: 'password',
      problems: [{ argument: 'password' }, { argument: 'fullName' }],
    });
  });
});
