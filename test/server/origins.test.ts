import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { claimsOf, register } from '../support/account.ts';
import { password, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let username: string;
beforeAll(async () => {
  app = await startApp();
  ({ username } = await register(app));
});
afterAll(() => app.close());

/** Starts one more node on the same database. */
async function withNode(
  environment: Record<string, string>,
  use: (node: TestApp) => Promise<void>,
) {
  const node = await startApp({ environment, database: app.database });
  try {
    await use(node);
  } finally {
    await node.close();
  }
}

function preflight(node: TestApp, origin: string) {
  return node.inject({
    method: 'OPTIONS',
    url: '/graphql',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, authorization',
    },
  });
}

async function post(node: TestApp, origin: string) {
  return await node.inject({
    method: 'POST',
    url: '/graphql',
    headers: { origin },
    payload: { query: '{ serverTime }' },
  });
}

describe('a page of another origin', () => {
  const listed = 'https://app.example.com';

  test('may not read answers when no origin is listed', async () => {
    for (const response of [await preflight(app, listed), await post(app, listed)]) {
      expect(Object.keys(response.headers).filter((name) => /^access-control/.test(name))).toEqual(
        [],
      );
    }
    expect((await preflight(app, listed)).statusCode).toBe(405);
  });

  test('that is listed may send and read, and other pages may not', async () => {
    const origins = `${listed},http://localhost:5173`;
    await withNode({ CORS_ORIGINS: origins }, async (node) => {
      for (const origin of [listed, 'http://localhost:5173']) {
        const response = await preflight(node, origin);
        expect(response.statusCode).toBe(204);
        expect(response.headers).toMatchObject({
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': 'content-type, authorization',
          vary: expect.stringContaining('Origin'),
        });
        expect(response.headers).not.toHaveProperty('access-control-allow-credentials');
        const { headers } = await post(node, origin);
        expect(headers).toMatchObject({
          'access-control-allow-origin': origin,
          vary: expect.stringMatching(/Origin.*Authorization/),
        });
      }
    });
  });

  test.each([
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://evil.example',
    'null',
  ])('%s, which is not listed, gets no permission', async (origin) => {
    await withNode({ CORS_ORIGINS: listed }, async (node) => {
      for (const response of [await preflight(node, origin), await post(node, origin)]) {
        expect(response.headers).not.toHaveProperty('access-control-allow-origin');
      }
    });
  });

  test('may be of any origin with *', async () => {
    await withNode({ CORS_ORIGINS: '*' }, async (node) => {
      const { headers } = await preflight(node, 'https://evil.example');
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    });
  });
});

/** The address that a session opened by this request is listed with. */
async function ipOfSession(node: TestApp, forwarded: string, remoteAddress: string) {
  const response = await node.inject({
    method: 'POST',
    url: '/graphql',
    remoteAddress,
    headers: { 'x-forwarded-for': forwarded, 'x-real-ip': '9.9.9.9', forwarded: 'for=9.9.9.9' },
    payload: {
      query: `mutation { login(username: "${username}", password: "${password}") { accessToken } }`,
    },
  });
  const sid = claimsOf(response.json().data.login.accessToken)['sid'] as string;
  const [session] = await app.database.select().from(sessions).where(eq(sessions.id, sid));
  return session?.ip;
}

describe('the address of a client', () => {
  test('is the address of its connection, and X-Forwarded-For is ignored', async () => {
    expect(await ipOfSession(app, '1.1.1.1', '203.0.113.7')).toBe('203.0.113.7');
    expect(await ipOfSession(app, '1.1.1.1', '127.0.0.1')).toBe('127.0.0.1');
  });

  test('is the right-most in X-Forwarded-For that is not a trusted proxy', async () => {
    await withNode({ TRUST_PROXY: '10.0.0.0/8,::1' }, async (node) => {
      const cases: [string, string, string][] = [
        ['198.51.100.2', '10.0.0.1', '198.51.100.2'],
        ['1.1.1.1, 198.51.100.2', '10.0.0.1', '198.51.100.2'],
        ['1.1.1.1, 198.51.100.2, 10.9.9.9', '10.0.0.1', '198.51.100.2'],
        ['198.51.100.2', '::1', '198.51.100.2'],
        ['2001:db8::1', '10.0.0.1', '2001:db8::1'],
        ['1.1.1.1', '203.0.113.7', '203.0.113.7'],
        ['1.1.1.1', '11.0.0.1', '11.0.0.1'],
        // With a port, as some gateways add, and with what is no address at all.
        ['198.51.100.2:1973', '10.0.0.1', '198.51.100.2'],
        ['[2001:db8::1]:1973', '10.0.0.1', '2001:db8::1'],
        ['x'.repeat(8000), '10.0.0.1', '10.0.0.1'],
        ['unknown', '10.0.0.1', '10.0.0.1'],
      ];
      for (const [forwarded, remoteAddress, ip] of cases) {
        expect([forwarded, await ipOfSession(node, forwarded, remoteAddress)]).toEqual([
          forwarded,
          ip,
        ]);
      }
    });
  });
});
