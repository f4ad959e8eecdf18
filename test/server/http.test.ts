import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

const json = 'application/json; charset=utf-8';
const graphqlResponse = 'application/graphql-response+json; charset=utf-8';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** Sends a body to /graphql as it is. */
function post(payload: string | Buffer, headers: Record<string, string> = {}) {
  return app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  });
}

const serverTime = JSON.stringify({ query: '{ serverTime }' });
const time = { serverTime: '2030-01-01T12:00:00.000Z' };

function badRequest(message: string) {
  return { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] };
}

describe('/graphql', () => {
  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)(
    'answers %s with 405 and the allowed methods, and runs nothing',
    async (method) => {
      const response = await app.inject({ method, url: '/graphql?query={serverTime}' });
      expect([response.statusCode, response.headers['allow']]).toEqual([405, 'GET, HEAD, POST']);
      expect(response.body).not.toContain('2030');
    },
  );

  test('does not read the query, variables or a token of a POST from the URL', async () => {
    const { accessToken } = (await app
      .ask(
        'mutation { register(username: "in-url", password: "correct horse battery") { accessToken } }',
      )
      .then(({ data }) => data.register)) as { accessToken: string };
    const response = await app.inject({
      method: 'POST',
      url: `/graphql?query={serverTime}&access_token=${accessToken}&token=${accessToken}`,
      payload: { query: '{ me { id } }' },
    });
    expect(response.json()).toMatchObject({
      errors: [{ extensions: { reason: 'TOKEN_MISSING' } }],
    });
  });

  test.each([
    ['application/json', json],
    ['application/graphql-response+json', graphqlResponse],
    ['application/graphql-response+json, application/json;q=0.9', graphqlResponse],
    ['*/*', json],
  ])('answers Accept: %s with %s', async (accept, contentType) => {
    const response = await post(serverTime, { accept });
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, contentType]);
    expect(response.json()).toEqual({ data: time });
  });

  test('answers 406 to a client that accepts neither media type', async () => {
    const response = await post(serverTime, { accept: 'text/html' });
    expect(response.statusCode).toBe(406);
    expect(response.json().errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
  });

  test.each(['application/json', 'application/graphql-response+json'])(
    'answers partial results with 200 and both data and errors, as %s',
    async (accept) => {
      const response = await post('{"query":"{ serverTime me { id } }"}', { accept });
      expect(response.statusCode).toBe(200);
      expect(response.json()).toMatchObject({
        data: { ...time, me: null },
        errors: [{ path: ['me'], extensions: { reason: 'TOKEN_MISSING' } }],
      });
    },
  );

  test.each([
    ['an answer', () => post(serverTime)],
    ['a refusal', () => post('{"query":"{ me { id } }"}')],
    ['a document with an error', () => post('{"query":"{"}')],
    ['a body that is not JSON', () => post('{')],
    ['a body of another type', () => post('x', { 'content-type': 'text/plain' })],
    ['a compressed body', () => post('x', { 'content-encoding': 'gzip' })],
    ['a query by GET', () => app.inject({ url: '/graphql?query={serverTime}' })],
    ['another method', () => app.inject({ method: 'PUT', url: '/graphql' })],
  ])('keeps %s out of caches and of content sniffing', async (_what, send) => {
    const { headers } = await send();
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      vary: expect.stringMatching(/(^|, )Authorization(,|$)/i),
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('a body', () => {
  test.each([
    ['text', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['an upload', 'multipart/form-data; boundary=x'],
    ['bare GraphQL', 'application/graphql'],
    ['XML', 'application/xml'],
    ['two types', 'text/plain, application/json'],
    ['no type at all', ''],
  ])('with the content type of %s is refused with 415', async (_what, contentType) => {
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      ...(contentType !== '' && { headers: { 'content-type': contentType } }),
      payload: Buffer.from(serverTime),
    });
    expect(response.statusCode).toBe(415);
    expect(response.json().errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
  });

  test.each(['utf-8', 'UTF-8', '"utf-8"'])('in charset=%s is read', async (charset) => {
    const response = await post(serverTime, {
      'content-type': `application/json;charset=${charset}`,
    });
    expect(response.json()).toEqual({ data: time });
  });

  test.each(['utf-16', 'iso-8859-1', 'utf-7', '"utf-16le"'])(
    'in charset=%s is refused with 415',
    async (charset) => {
      const response = await post(serverTime, {
        'content-type': `application/json; charset=${charset}`,
      });
      expect(response.statusCode).toBe(415);
      expect(response.json()).toEqual(badRequest('Requests are accepted in UTF-8 only.'));
    },
  );

  test.each(['gzip', 'br', 'deflate', 'identity, gzip'])(
    'with Content-Encoding: %s is refused with 415',
    async (encoding) => {
      const response = await post(serverTime, { 'content-encoding': encoding });
      expect(response.statusCode).toBe(415);
      expect(response.json()).toEqual(badRequest('Compressed requests are not accepted.'));
    },
  );

  test('of 100 KB is accepted, and one byte more is refused with 413', async () => {
    const padded = (bytes: number) => serverTime + ' '.repeat(bytes - serverTime.length);
    expect((await post(padded(100 * 1024))).json()).toEqual({ data: time });
    const response = await post(padded(100 * 1024 + 1));
    expect(response.statusCode).toBe(413);
    expect(response.json()).toEqual(badRequest('Request body is too large'));
  });

  test.each([
    ['nothing', ''],
    ['a brace', '{'],
    ['a trailing comma', '{"query":"{ serverTime }",}'],
    ['NaN', '{"query":"{ serverTime }","variables":{"a":NaN}}'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['a __proto__ key', '{"query":"{ serverTime }","variables":{"__proto__":{"a":1}}}'],
    ['a constructor key', '{"query":"{ serverTime }","constructor":{"prototype":{"a":1}}}'],
    ['two requests', `[${serverTime},${serverTime}]`],
    ['one request in a list', `[${serverTime}]`],
    ['an empty list', '[]'],
    ['an empty object', '{}'],
    ['null', 'null'],
    ['a string', '"{ serverTime }"'],
    ['no query', '{"operationName":"a"}'],
    ['a query that is a list', '{"query":["{ serverTime }"]}'],
    ['a query that is a document', '{"query":{"kind":"Document"}}'],
    ['variables in a list', '{"query":"{ serverTime }","variables":[]}'],
    ['variables in a string', '{"query":"{ serverTime }","variables":"{}"}'],
    ['extensions in a string', '{"query":"{ serverTime }","extensions":"x"}'],
    ['an operation name that is a number', '{"query":"{ serverTime }","operationName":1}'],
    ['100,000 brackets', '['.repeat(100_000)],
    ['50,000 lists in lists', '['.repeat(50_000) + ']'.repeat(50_000)],
  ])('of %s is refused with 400', async (_what, payload) => {
    const response = await post(payload);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual(badRequest(expect.any(String)));
    expect(response.body).not.toMatch(/call stack|node_modules|\.ts:/);
  });

  test('with deep variables that the document does not use is harmless', async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const response = await post(`{"query":"{ serverTime }","variables":{"a":${deep}}}`);
    expect(response.json()).toEqual({ data: time });
  });

  test('that names a stored query is refused', async () => {
    const response = await post(
      '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}}}',
    );
    expect(response.json().errors[0].extensions).toEqual({ code: 'PERSISTED_QUERY_NOT_SUPPORTED' });
  });
});

test.each(['/', '/graphq', '/graphql/', '/graphql/x', '/.env', '/%00', '/..%2f..%2fetc/passwd'])(
  '%s is 404, with nosniff',
  async (url) => {
    for (const method of ['GET', 'POST'] as const) {
      const response = await app.inject({ method, url });
      expect(response.statusCode).toBe(404);
      expect(response.headers['x-content-type-options']).toBe('nosniff');
      expect(response.json()).toEqual(badRequest('Nothing is here. The API is at /graphql.'));
    }
  },
);

test.each(['a b', 'a/b', 'user@host', '[::1', 'a:99999', 'a"b', 'a?b', 'a\\b'])(
  'a Host header of "%s" is refused with 400',
  async (host) => {
    const response = await app.inject({ url: '/healthz', headers: { host } });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual(badRequest('The Host header is not valid.'));
  },
);

test.each(['localhost', 'example.com:8080', '127.0.0.1:4000', '[::1]:4000'])(
  'a Host header of "%s" is fine',
  async (host) => {
    expect((await app.inject({ url: '/healthz', headers: { host } })).statusCode).toBe(200);
  },
);
