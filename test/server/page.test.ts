import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const policy =
  "default-src 'none';script-src 'self';style-src 'self' 'unsafe-inline';font-src 'self';img-src 'self' data:;" +
  "connect-src 'self';worker-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'";

async function filesOf(page: string): Promise<string[]> {
  const { payload } = await app.inject({ url: page, headers: html });
  return [...payload.matchAll(/(?:href|src)="(graphql[^"]+)"/g)].map(([, path]) => `/${path}`);
}

describe('a browser', () => {
  test.each(['/graphql', '/graphiql'])(
    'gets the explorer at %s, with its Content-Security-Policy',
    async (url) => {
      const { statusCode, headers, payload } = await app.inject({ url, headers: html });
      expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers['content-security-policy']).toBe(policy);
      expect(payload).not.toMatch(/https?:/);
      // Its name stays the same over versions, so that no copy may be kept.
      expect([headers['cache-control'], headers['etag'], headers['last-modified']]).toEqual([
        'no-store',
        undefined,
        undefined,
      ]);
      expect(await filesOf(url)).toHaveLength(2);
    },
  );

  test.each(['br', 'gzip'])(
    'gets its files precompressed with %s, to be cached for ever',
    async (encoding) => {
      for (const url of await filesOf('/graphql')) {
        const answer = await app.inject({ url, headers: { 'accept-encoding': encoding } });
        expect([answer.statusCode, answer.headers['content-encoding']]).toEqual([200, encoding]);
        expect(answer.headers['vary']).toBe('Accept-Encoding');
        expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
        expect(answer.headers['content-security-policy']).toBe(policy);
        const again = await app.inject({
          url,
          headers: { 'accept-encoding': encoding, 'if-none-match': String(answer.headers['etag']) },
        });
        expect([again.statusCode, again.payload]).toEqual([304, '']);
      }
    },
  );

  test('gets a file uncompressed where it accepts no compression', async () => {
    const [url = ''] = await filesOf('/graphql');
    const { statusCode, headers } = await app.inject({ url });
    expect([statusCode, headers['content-encoding']]).toEqual([200, undefined]);
  });
});

test.each([
  ['GET', '/graphql', { accept: '*/*' }],
  ['GET', '/graphql', { accept: 'application/graphql-response+json' }],
  ['GET', '/graphql?query={serverTime}', html],
  ['PUT', '/graphql', html],
] as const)('%s %s with %j is no page', async (method, url, headers) => {
  const answer = await app.inject({ method, url, headers });
  expect(answer.headers['content-type']).not.toContain('text/html');
});

test.each([
  '/graphql/page/',
  '/graphql/page/none.js',
  '/graphql/page/../page.html',
  '/graphql/page/%2e%2e/.inputs',
])('%s does not exist', async (url) => {
  const { statusCode, payload } = await app.inject({ url, headers: html });
  expect([statusCode, payload.includes('<html')]).toEqual([404, false]);
});

test('the schema with its directives is served where introspection is on', async () => {
  const { headers, payload } = await app.inject({ url: '/graphql/access.json' });
  expect(headers['content-type']).toContain('application/json');
  expect(JSON.parse(payload)).toMatchObject({
    schema: expect.stringContaining('me: User @auth'),
    freshSeconds: 300,
    ownGuards: [],
  });
  const closed = await startApp({
    database: app.database,
    environment: { INTROSPECTION: 'false' },
  });
  expect((await closed.inject({ url: '/graphql/access.json' })).statusCode).toBe(404);
  expect((await closed.inject({ url: '/graphql', headers: html })).payload).toContain('<html');
  await closed.close();
});

test.each(['/graphql', '/graphiql', '/graphql/access.json'])(
  'with GRAPHIQL=false there is no page at %s',
  async (url) => {
    const off = await startApp({ database: app.database, environment: { GRAPHIQL: 'false' } });
    const { statusCode, payload } = await off.inject({ url, headers: html });
    expect([statusCode < 400, payload.includes('<html')]).toEqual([false, false]);
    await off.close();
  },
);
