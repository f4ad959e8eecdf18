import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Account, register } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { sendBody } from './badInput/expectDocumented.ts';

const noLimits = { RATE_LIMIT_ACCOUNT: '0', RATE_LIMIT_SIGN_IN: '0', RATE_LIMIT_REGISTER: '0' };

let app: TestApp;
let admin: Account;
beforeAll(async () => {
  app = await startApp({ environment: noLimits });
  admin = await register(app, { admin: true });
});
afterAll(() => app.close());

function send(query: string, variables: Record<string, unknown> = {}) {
  return sendBody(app, { query, variables }, admin.accessToken);
}

/** Every argument that takes text, as a field with a hole in it. */
const textArguments: Record<string, string> = {
  'register.username':
    'mutation M($text: String!) { register(username: $text, password: "x") { fresh } }',
  'register.password':
    'mutation M($text: String!) { register(username: "bad-input", password: $text) { fresh } }',
  'register.fullName':
    'mutation M($text: String) { register(username: "b@d", password: "correct horse battery", fullName: $text) { fresh } }',
  'login.username':
    'mutation M($text: String!) { login(username: $text, password: "x") { fresh } }',
  'login.password':
    'mutation M($text: String!) { login(username: "bad-input", password: $text) { fresh } }',
  'login.device':
    'mutation M($text: String) { login(username: "bad-input", password: "x", device: $text) { fresh } }',
  'freshLogin.password': 'mutation M($text: String!) { freshLogin(password: $text) { fresh } }',
  'refresh.refreshToken': 'mutation M($text: String) { refresh(refreshToken: $text) { fresh } }',
  'logout.refreshToken': 'mutation M($text: String) { logout(refreshToken: $text) }',
  'createItem.name': 'mutation M($text: String!) { createItem(name: $text, price: 1) { id } }',
  'updateItem.name': 'mutation M($text: String!) { updateItem(name: $text, price: 1) { id } }',
  'deleteItem.name': 'mutation M($text: String!) { deleteItem(name: $text) }',
  'item.name': 'query M($text: String!) { item(name: $text) { id } }',
  'items.after': 'query M($text: String) { items(after: $text) { edges { cursor } } }',
  'users.after': 'query M($text: String) { users(after: $text) { edges { cursor } } }',
};

describe.each(Object.entries(textArguments))('%s', (coordinate, query) => {
  const argument = coordinate.split('.')[1] ?? '';
  // Without an argument, logout ends the session of whoever sends it.
  const tokenFor = () => (coordinate.startsWith('logout') ? undefined : admin.accessToken);
  const sendText = (variables: Record<string, unknown>) =>
    sendBody(app, { query, variables }, tokenFor());
  const literal = (text: string) => query.replace(/ M\(.*?\)/, '').replace('$text', `"${text}"`);

  test.each(['\\ud800', '\\udc00', 'a\\ud800b', '\\u0000', 'a\\u0000b'])(
    'cannot have %s, as a variable or in the document',
    async (text) => {
      for (const body of [
        `{"query":${JSON.stringify(query)},"variables":{"text":"${text}"}}`,
        { query: literal(text) },
      ]) {
        const answer = await sendBody(app, body, tokenFor());
        // A lone surrogate in a GraphQL string is a syntax error by itself.
        if (failure(answer)?.['code'] === 'GRAPHQL_PARSE_FAILED') continue;
        expect(failure(answer)).toEqual({
          code: 'BAD_USER_INPUT',
          argument,
          message: `"${argument}" has a character that cannot be stored: NUL or half of a surrogate pair.`,
        });
      }
    },
  );

  test.each([
    ['nothing', ''],
    ['blanks', '   \t\n'],
    ['10 KB', 'x'.repeat(10_240)],
    ['90 KB', 'ﷺ'.repeat(30_000)],
    ['text from right to left', '\u202Eadmin\u202C'],
    ['zero-width text', 'ad\u200Bmin\uFEFF'],
    ['accents on accents', `e${'\u0301'.repeat(500)}`],
    ['quotes and semicolons', `'; drop table users; --`],
    ['wildcards', '%_\\'],
    ['an object as text', '{"$ne":null}'],
    ['__proto__', '__proto__'],
    ['a line separator', 'a\u2028b\u0085c'],
  ])('accepts %s, or refuses it with an error of the client', async (_what, text) => {
    await sendText({ text });
  });

  test.each([
    ['null', null],
    ['a number', 7],
    ['1e400', '1e400'],
    ['true', true],
    ['a list', ['a']],
    ['a list of lists', [[['a']]]],
    ['an object', { a: 1 }],
    ['an object with toString', { toString: 'a', valueOf: 1 }],
    ['an object with length', { length: 3 }],
  ])('accepts %s, or refuses it with an error of the client', async (_what, text) => {
    await sendText({ text });
  });

  test('can be left out, or is refused with an error of the client', async () => {
    await sendText({});
  });
});

describe('a username', () => {
  const rule =
    'A username has 3 to 64 characters, each of them a letter from a to z, a digit, or one of . _ @ + -';

  test.each(['', 'ab', 'x'.repeat(65), '\u202Eadmin', 'ad\u200Bmin', 'a b c', 'аdmin', 'ad\nmin'])(
    'cannot be %j',
    async (username) => {
      const answer = await send(
        'mutation ($username: String!) { register(username: $username, password: "correct horse battery") { fresh } }',
        { username },
      );
      expect(failure(answer)).toEqual({
        code: 'BAD_USER_INPUT',
        argument: 'username',
        message: rule,
      });
    },
  );
});

describe.each(['items', 'users'])('a page of %s', (field) => {
  const first = { code: 'BAD_USER_INPUT', argument: 'first' };
  const after = {
    code: 'BAD_USER_INPUT',
    argument: 'after',
    message: '"after" must be a cursor that this list gave.',
  };
  const query = `query ($first: Int, $after: String) {
    ${field}(first: $first, after: $after) { edges { cursor } }
  }`;

  test.each([0, 1, 100, null])('can have first: %s', async (value) => {
    expect((await send(query, { first: value })).errors).toEqual([]);
  });

  test.each([-1, 101, 2 ** 31 - 1, -(2 ** 31)])('cannot have first: %s', async (value) => {
    const refusal = { ...first, message: '"first" must be from 0 to 100.' };
    expect(failure(await send(query, { first: value }))).toEqual(refusal);
    const literal = await send(`{ ${field}(first: ${value}) { edges { cursor } } }`);
    expect(failure(literal)).toEqual(refusal);
  });

  test.each([2 ** 31, 2 ** 53, 1.5, '10', [10], true, {}])(
    'cannot have first: %j, which is no Int',
    async (value) => {
      expect(failure(await send(query, { first: value }))).toEqual({
        ...first,
        message: 'Variable "$first" got a value that is not of type Int.',
      });
    },
  );

  test.each([
    '',
    '!',
    'a',
    'YQ==',
    ' YQ',
    'YQ\n',
    'AA', // NUL
    Buffer.from('a\0b').toString('base64url'),
    Buffer.from([0xff, 0xfe]).toString('base64url'),
    Buffer.from([0xed, 0xa0, 0x80]).toString('base64url'), // half of a surrogate pair
  ])('cannot begin after the cursor %j', async (value) => {
    expect(failure(await send(query, { after: value }))).toEqual(after);
  });

  test('can begin after a cursor of a deleted row', async () => {
    const gone = Buffer.from('~'.repeat(3000)).toString('base64url');
    expect((await send(query, { after: gone })).errors).toEqual([]);
  });
});

describe('a price', () => {
  const query = 'mutation ($price: Float!) { createItem(name: "priced", price: $price) { price } }';
  const literal = (price: string) =>
    `mutation { createItem(name: "priced", price: ${price}) { price } }`;

  test.each(['-1', '-0.01', '-1e308', '1e309', '1e400', '-1e400'])(
    'cannot be %s, as a variable or in the document',
    async (price) => {
      const variable = await sendBody(
        app,
        `{"query":${JSON.stringify(query)},"variables":{"price":${price}}}`,
        admin.accessToken,
      );
      for (const answer of [variable, await send(literal(price))]) {
        expect(failure(answer)).toMatchObject({ code: 'BAD_USER_INPUT' });
        expect(answer.data?.createItem ?? null).toBeNull();
      }
      expect(failure(await send('{ item(name: "priced") { price } }'))).toMatchObject({
        code: 'NOT_FOUND',
      });
    },
  );

  test.each(['NaN', 'Infinity', '-Infinity', '"1"', 'true', '[1]', '{a: 1}', 'null'])(
    'cannot be %s in a document',
    async (price) => {
      const answer = await send(literal(price));
      expect(failure(answer)?.['code']).toMatch(/^GRAPHQL_(VALIDATION|PARSE)_FAILED$/);
    },
  );

  test.each(['NaN', '1', true, [1], {}, null])('cannot be %j as a variable', async (price) => {
    expect(failure(await send(query, { price }))).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'price',
      message: 'Variable "$price" got a value that is not of type Float!.',
    });
  });

  test.each([0, -0, 1e308, 5e-324, 0.1])('can be %s', async (price) => {
    const name = `price ${Object.is(price, -0) ? '-0' : price}`;
    const answer = await send(
      'mutation ($name: String!, $price: Float!) { createItem(name: $name, price: $price) { price } }',
      { name, price },
    );
    expect(answer.data).toEqual({ createItem: { price: price === 0 ? 0 : price } });
  });
});

test('after all bad input the administrator still signs in with the same password', async () => {
  const answer = await send(
    'mutation ($name: String!, $password: String!) { login(username: $name, password: $password) { fresh } }',
    { name: admin.username, password },
  );
  expect(answer.data).toEqual({ login: { fresh: true } });
});
