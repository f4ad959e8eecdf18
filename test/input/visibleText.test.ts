import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Operator, userCommand } from '../../src/commands/user.ts';
import { openSession } from '../../src/session/session.ts';
import { claimsOf, register, succeeded } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

let users = 0;
const fields: Record<string, (text: string) => ReturnType<TestApp['ask']>> = {
  fullName: (text) =>
    app.ask(
      `mutation ($text: String, $password: String!, $username: String!) {
        register(username: $username, password: $password, fullName: $text) { fresh }
      }`,
      { variables: { text, password, username: `visible-${users++}` } },
    ),
  device: async (text) => {
    const { username } = await register(app);
    return await app.ask(
      `mutation ($text: String, $password: String!, $username: String!) {
        login(username: $username, password: $password, device: $text) { fresh }
      }`,
      { variables: { text, password, username } },
    );
  },
};

const control = 'must be one line, without control characters.';
const invisible =
  'must not have invisible characters, or such that change the direction of writing.';

describe.each(Object.entries(fields))('%s', (argument, send) => {
  test.each([
    ['a line break', 'Ada\nLovelace', control],
    ['an escape', '\u001b[31mAda', control],
    ['a delete', 'Ada\u007f', control],
    ['a C1 control sequence introducer', 'Ada\u009b31m', control],
    ['the first of C1', 'Ada\u0080', control],
    ['a line separator', 'Ada\u2028Lovelace', control],
    ['a paragraph separator', 'Ada\u2029', control],
    ['a right-to-left override', 'Ada\u202eecalevoL', invisible],
    ['a left-to-right embedding', '\u202aAda', invisible],
    ['an isolate', 'Ada\u2067Lovelace\u2069', invisible],
    ['a right-to-left mark', 'Ada\u200f', invisible],
    ['an Arabic letter mark', 'Ada\u061c', invisible],
    ['a zero-width space', 'Ada\u200bLovelace', invisible],
    ['a word joiner', 'Ada\u2060Lovelace', invisible],
    ['a byte order mark', '\ufeffAda', invisible],
    ['a soft hyphen', 'Ada\u00adLovelace', invisible],
    ['a joiner between Latin letters', 'Ada\u200dLovelace', invisible],
    ['a non-joiner between Latin letters', 'Ada\u200cLovelace', invisible],
    ['a joiner alone', '\u200d', invisible],
    ['a joiner behind an emoji', '👩\u200d', invisible],
    ['a filler of Hangul', 'Ada\u3164', invisible],
    ['tags', 'Ada\u{e0041}\u{e0064}', invisible],
  ])('cannot have %s', async (_what, text, problem) => {
    expect(failure(await send(text))).toEqual({
      code: 'BAD_USER_INPUT',
      argument,
      message: `"${argument}" ${problem}`,
    });
  });

  test.each([
    ['accents', 'Ångström Nguyễn'],
    ['right-to-left letters', 'עדה לאבלייס'],
    ['a family, which is one emoji', '👩\u200d👩\u200d👧 phone'],
    ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['a heart with its variation selector', '❤\ufe0f phone'],
    ['a joiner that Sinhala needs', 'ශ්\u200dරී ලංකා'],
    ['a non-joiner that Persian needs', 'علی\u200cرضا'],
  ])('can have %s', async (_what, text) => {
    expect((await send(text)).errors).toEqual([]);
  });
});

test('a user agent is stored without invisible characters', async () => {
  const { username } = await register(app);
  const answer = await app.ask(
    'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { accessToken } }',
    {
      variables: { username, password },
      headers: { 'user-agent': 'curl\u009b31m/8\u0085 \u00ad(Linux)' },
    },
  );
  const token = succeeded(answer).login.accessToken;
  const { sessions } = succeeded(await app.ask('{ sessions { userAgent current } }', { token }));
  expect(sessions).toContainEqual({ userAgent: 'curl31m/8 (Linux)', current: true });
});

test('a terminal shows devices and user agents without invisible characters', async () => {
  const { username, accessToken } = await register(app);
  const user = { id: claimsOf(accessToken)['sub'] as string, credentialEpoch: 0 };
  const origins = [
    { device: 'phone\u202e\u0007', ip: '127.0.0.1', userAgent: null },
    { device: null, ip: '127.0.0.1', userAgent: '\u001b]0;title\u0007agent' },
  ];
  for (const origin of origins) {
    await app.database.transaction((transaction) =>
      openSession(transaction, user, origin, app.config.jwt, app.clock.now),
    );
  }
  const printed: string[] = [];
  const operator = {
    config: app.config,
    scene: { database: app.database, log: app.http.log, now: app.clock.now, client: null },
    readPassword: async () => password,
    print: (line: string) => void printed.push(line),
  } satisfies Operator;
  const command = userCommand((act) => act(operator));
  await command.parseAsync(['sessions', username], { from: 'user' });
  const text = printed.join('\n');
  expect(text).toContain('127.0.0.1  phone\n');
  expect(text).toContain('127.0.0.1  ]0;titleagent');
  for (const hidden of ['\u202e', '\u0007', '\u001b']) expect(text).not.toContain(hidden);
});
