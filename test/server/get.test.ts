import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Account, register } from '../support/account.ts';
import { startApp, type TestApp } from '../support/app.ts';

const allowed = 'https://app.example.com';

let app: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp({ environment: { CORS_ORIGINS: allowed } });
  account = await register(app);
});
afterAll(() => app.close());
beforeEach(() => {
  app.logLines.length = 0;
});

interface Question {
  readonly query?: string;
  readonly variables?: string;
  readonly operationName?: string;
  readonly extensions?: string;
}

/** Asks by GET. */
function get(question: Question, headers: Record<string, string> = {}) {
  const search = new URLSearchParams(question as Record<string, string>);
  return app.inject({ url: `/graphql?${search}`, headers });
}

const time = { serverTime: '2030-01-01T12:00:00.000Z' };
const graphql = { accept: 'application/graphql-response+json' };
const signedIn = () => ({ authorization: `Bearer ${account.accessToken}` });

describe('a GET', () => {
  test('runs the query of its URL, with its variables', async () => {
    const query =
      'query One { serverTime } query Two($id: String!) { me { id } __type(name: $id) { name } }';
    const one = await get({ query, operationName: 'One' });
    expect([one.statusCode, one.json()]).toEqual([200, { data: time }]);
    const variables = JSON.stringify({ id: 'User' });
    const two = await get({ query, operationName: 'Two', variables }, signedIn());
    expect(two.json()).toEqual({ data: { me: { id: account.userId }, __type: { name: 'User' } } });
  });

  test('is refused like a POST where the caller may not run the query', async () => {
    for (const headers of [{}, { authorization: 'Bearer x' }]) {
      const asked = await get({ query: '{ me { id } }' }, { ...graphql, ...headers });
      const posted = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { ...graphql, ...headers },
        payload: { query: '{ me { id } }' },
      });
      expect(asked.statusCode).toBe(401);
      expect(asked.json()).toEqual(posted.json());
      expect(asked.headers['www-authenticate']).toBe(posted.headers['www-authenticate']);
    }
  });

  test('has the limits of a POST', async () => {
    const aliases = Array.from({ length: 16 }, (_, index) => `a${index}: serverTime`);
    const response = await get({ query: `{ ${aliases.join(' ')} }` }, graphql);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].extensions).toMatchObject({ limit: 'aliases', maximum: 15 });
  });

  test('of a mutation is answered with 405 and Allow: POST, and does not run', async () => {
    const username = `by-get-${randomUUID()}`;
    const field = `register(username: "${username}", password: "correct horse battery")`;
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await get({ query: `mutation { ${field} { tokenType } }` }, { accept });
      expect([response.statusCode, response.headers['allow']]).toEqual([405, 'POST']);
      expect(response.json().errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
    }
    const { data } = await app.ask(`mutation { ${field} { tokenType } }`);
    expect(data.register).toEqual({ tokenType: 'Bearer' });
  });

  test.each<[string, Question & { again?: string }]>([
    ['without a query', {}],
    ['with an empty query', { query: '' }],
    ['with variables that are no JSON', { query: '{ serverTime }', variables: '{' }],
    ['with variables in a list', { query: '{ serverTime }', variables: '[]' }],
    ['with extensions that are no JSON', { query: '{ serverTime }', extensions: 'x' }],
  ])('%s is refused with 400', async (_what, question) => {
    const response = await get(question);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toEqual([
      { message: expect.any(String), extensions: { code: 'BAD_REQUEST' } },
    ]);
  });

  test.each(['query', 'variables', 'operationName'])('with two of %s is refused', async (name) => {
    const pair = `${name}=%7BserverTime%7D&${name}=%7BserverTime%7D`;
    expect((await app.inject({ url: `/graphql?query={serverTime}&${pair}` })).statusCode).toBe(400);
  });

  test('with a variable named __proto__ changes no prototype', async () => {
    const response = await get({
      query: 'query ($first: Int!) { items(first: $first) { edges { cursor } } }',
      variables: '{"__proto__": {"first": 1}}',
    });
    expect(response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test('never reads a token from the URL', async () => {
    const token = account.accessToken;
    const response = await app.inject({
      url: `/graphql?query={me{id}}&access_token=${token}&token=${token}&authorization=Bearer%20${token}`,
    });
    expect(response.json()).toMatchObject({
      errors: [{ extensions: { reason: 'TOKEN_MISSING' } }],
    });
  });

  test('leaves no part of its URL in the log', async () => {
    const [secret, token] = ['hunter2', account.accessToken];
    const queries: Question[] = [
      { query: `{ item(name: "${secret}") { id } }` },
      { query: `{ ${secret}` },
      { query: 'query ($a: Int) { serverTime }', variables: `{"a":"${secret}"}` },
      { query: '{ serverTime }', variables: secret },
      { query: '{ serverTime }', operationName: secret },
      { query: `mutation { login(username: "a", password: "${secret}") { tokenType } }` },
    ];
    for (const question of queries) await get(question, signedIn());
    await get({ query: `{ item(name: "${secret}") { id } }` }, { 'sec-fetch-site': 'cross-site' });
    await app.inject({ url: `/graphql?query={serverTime}&access_token=${token}` });
    await app.inject({ url: `/graphql/${secret}?token=${token}` });
    const lines = app.logLines.map((line) => JSON.parse(line));
    expect(lines.filter(({ msg }) => msg === 'request')).toHaveLength(queries.length + 3);
    expect(app.logLines.join('')).not.toMatch(/hunter2|serverTime|eyJ|\?/);
  });

  test('sent as HEAD has the same answer without a body', async () => {
    const response = await app.inject({ method: 'HEAD', url: '/graphql?query={serverTime}' });
    expect([response.statusCode, response.body]).toEqual([200, '']);
    expect(response.headers['cache-control']).toBe('no-store');
  });
});

describe('a GET that a browser sends', () => {
  type Headers = Record<string, string>;
  const foreign: [string, Headers][] = [
    ['an image or a form of another site', { 'sec-fetch-site': 'cross-site' }],
    ['an image of a sibling subdomain', { 'sec-fetch-site': 'same-site' }],
    ['fetch of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['a page without an origin', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['an older browser, from another site', { origin: 'https://evil.example' }],
    ['an older browser, from a page without an origin', { origin: 'null' }],
    ['a value that no browser has yet', { 'sec-fetch-site': 'unheard-of' }],
  ];
  test.each(foreign)('for %s is refused before it runs', async (_who, headers) => {
    const response = await get(
      { query: '{ serverTime me { id } }' },
      { ...signedIn(), ...headers },
    );
    expect(response.statusCode).toBe(403);
    expect(response.json()).toEqual({
      errors: [
        {
          message: 'Pages of this origin may not ask here.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
  });

  test.each<[string, Headers]>([
    ['a page of its own', { 'sec-fetch-site': 'same-origin' }],
    ['a person who typed it', { 'sec-fetch-site': 'none' }],
    ['a page of a listed origin', { 'sec-fetch-site': 'cross-site', origin: allowed }],
    ['an older browser, from a page of a listed origin', { origin: allowed }],
    ['an older browser, from a page of its own', { origin: 'http://localhost:80' }],
    ['no browser', {}],
  ])('for %s is answered', async (_who, headers) => {
    const response = await get({ query: '{ serverTime }' }, { host: 'localhost:80', ...headers });
    expect([response.statusCode, response.json()]).toEqual([200, { data: time }]);
  });
});
