import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineServer } from '../../src/defineServer.ts';
import { claimsOf } from '../support/account.ts';
import { secretKey, startApp } from '../support/app.ts';
import { setCookies } from '../support/cookieJar.ts';
import {
  all,
  app,
  atRefresh,
  clearedIn,
  closeApp,
  login,
  openApp,
  reasonOf,
  refresh,
  send,
  signIn,
  withAccess,
  withCookies,
  withNode,
} from './cookieRequests.ts';

declare module '@sallyport/guards' {
  interface AdditionalClaims {
    readonly note?: string;
  }
}

beforeAll(openApp);
afterAll(closeApp);

describe('a sign-in', () => {
  test('that asks for cookies gets cookies, and no refresh token in the answer', async () => {
    const { cookies, pair, jar } = await signIn(app);
    expect(pair).toMatchObject({ refreshToken: null, fresh: true });
    expect(cookies).toEqual([
      {
        name: 'sallyport_refresh',
        value: expect.stringMatching(/^eyJ/),
        attributes: ['Path=/graphql/refresh', 'HttpOnly', 'SameSite=Strict'],
        maxAgeSeconds: pair.refreshExpiresIn,
      },
      {
        name: 'sallyport_access',
        value: pair.accessToken,
        attributes: ['Path=/', 'HttpOnly', 'SameSite=Strict'],
        maxAgeSeconds: pair.expiresIn,
      },
      {
        name: 'sallyport_csrf',
        value: claimsOf(pair.accessToken)['csrf'],
        attributes: ['Path=/', 'SameSite=Strict'],
        maxAgeSeconds: pair.expiresIn,
      },
    ]);
    expect(jar['sallyport_csrf']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('that does not ask for cookies gets no cookies, and its pair of tokens in the answer', async () => {
    const answer = await send(app, login());
    expect(setCookies(answer)).toEqual([]);
    expect(answer.json().data.login.refreshToken).toMatch(/^eyJ/);
    expect(claimsOf(answer.json().data.login.accessToken)).not.toHaveProperty('csrf');
  });

  test('gets no cookies where tokens travel in headers alone, and /graphql/refresh does not exist', async () => {
    await withNode({}, async (node) => {
      const { cookies, pair } = await signIn(node);
      expect([cookies, pair.refreshToken]).toEqual([[], expect.stringMatching(/^eyJ/)]);
      expect((await send(node, refresh, { path: '/graphql/refresh' })).statusCode).toBe(404);
    });
  });

  test.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling subdomain', { 'sec-fetch-site': 'same-site', origin: 'https://a.example' }],
    ['a site in an older browser', { origin: 'https://evil.example' }],
  ])('of a page of %s is refused with 403 and no cookies', async (_whose, headers) => {
    const { answer, cookies } = await signIn(app, headers);
    expect([answer.statusCode, cookies]).toEqual([403, []]);
  });

  test('gets Secure cookies, except on localhost in development', async () => {
    const prefixed = [
      '__Host-sallyport_access',
      '__Host-sallyport_csrf',
      '__Secure-sallyport_refresh',
    ];
    for (const host of ['localhost:4000', 'shop.localhost', '127.0.0.1:4000', '[::1]:80']) {
      expect(Object.keys((await signIn(app, { host })).jar).sort()).toEqual(all);
    }
    for (const host of ['localhost.example', 'api.example', '10.0.0.1']) {
      const { jar, cookies } = await signIn(app, { host });
      expect(Object.keys(jar).sort()).toEqual(prefixed);
      for (const { attributes } of cookies) expect(attributes).toContain('Secure');
    }
    await withNode(
      { ...withAccess, NODE_ENV: 'production', JWT_SECRET_KEY: secret },
      async (node) => {
        const { jar } = await signIn(node, { host: 'localhost' });
        expect(Object.keys(jar).sort()).toEqual(prefixed);
      },
    );
  });

  test('gets cookies with the configured names, domain and life', async () => {
    const environment = {
      ...withAccess,
      JWT_COOKIE_DOMAIN: 'shop.example',
      JWT_COOKIE_SAMESITE: 'Lax',
      JWT_COOKIE_SESSION: 'true',
      JWT_REFRESH_COOKIE_NAME: 'r',
      JWT_ACCESS_COOKIE_NAME: 'a',
      JWT_ACCESS_CSRF_COOKIE_NAME: 'c',
    };
    await withNode(environment, async (node) => {
      const { cookies } = await signIn(node, { host: 'api.shop.example' });
      const attributes = ['Domain=shop.example', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'];
      expect(cookies.map(({ name }) => name)).toEqual(['__Secure-r', '__Secure-a', '__Secure-c']);
      expect(cookies[1]).toMatchObject({ attributes, maxAgeSeconds: null });
    });
  });
});

const secret = 'L1mFhzq7Q0xG3sV9cT8bN5kR2wY6pJ4dU+eAoXiZtBs=';

describe('a page after a reload', () => {
  test('gets the next pair of tokens with its cookie alone', async () => {
    const { jar, pair } = await signIn(app);
    app.clock.advance(60);
    const answer = await send(app, refresh, atRefresh(jar));
    const next = answer.json().data.refresh;
    expect(next).toMatchObject({ refreshToken: null, fresh: false, userId: pair.userId });
    expect(
      setCookies(answer)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(all);
    const [cookie] = setCookies(answer);
    expect(claimsOf(cookie?.value ?? '')['gen']).toBe(2);
  });

  test('reads the same fields at /graphql/refresh as at /graphql', async () => {
    const { jar, pair } = await signIn(app);
    const headers = { authorization: `Bearer ${pair.accessToken}` };
    const answer = await send(app, '{ me { id } }', atRefresh(jar, headers));
    expect(answer.json()).toEqual({ data: { me: { id: pair.userId } } });
  });

  test('signs out with its cookie, which ends the session and clears all three cookies', async () => {
    const { jar, pair } = await signIn(app);
    const answer = await send(app, 'mutation { logout }', atRefresh(jar));
    expect(answer.json()).toEqual({ data: { logout: true } });
    expect(clearedIn(answer)).toEqual(all);
    const again = await send(app, '{ me { id } }', {
      headers: { authorization: `Bearer ${pair.accessToken}` },
    });
    expect(reasonOf(again)).toBe('TOKEN_REVOKED');
  });

  test('signs out with its access token, which clears the cookies unless X-Token-Location is headers', async () => {
    for (const [location, cleared] of [
      [undefined, all],
      ['cookies', all],
      ['headers', []],
    ] as const) {
      const { pair } = await signIn(app);
      const answer = await send(app, 'mutation { logout }', {
        headers: {
          authorization: `Bearer ${pair.accessToken}`,
          ...(location && { 'x-token-location': location }),
        },
      });
      expect([answer.json(), clearedIn(answer)]).toEqual([{ data: { logout: true } }, cleared]);
    }
  });
});

test('answers vary by Cookie, and allow listed origins to send credentials', async () => {
  const origin = 'https://shop.example';
  await withNode({ ...withCookies, CORS_ORIGINS: origin }, async (node) => {
    for (const [from, allowed] of [
      [origin, origin],
      ['https://evil.example', undefined],
    ]) {
      const { headers } = await send(node, '{ serverTime }', {
        headers: { origin: from as string },
      });
      expect(headers['access-control-allow-origin']).toBe(allowed);
      if (allowed) expect(headers['access-control-allow-credentials']).toBe('true');
      expect(headers['vary']).toMatch(/Authorization, Cookie$/);
    }
  });
});

test('a sign-in fails when its access token is too long for a cookie', async () => {
  let note = 'x'.repeat(1000);
  const definition = defineServer({ claims: () => ({ note }) });
  const node = await startApp({ environment: withAccess, database: app.database, definition });
  try {
    const { accessToken } = (await signIn(node)).pair;
    // As long as a token may be, so that the name of its cookie is too much.
    note = 'x'.repeat(1000 + Math.floor(((4096 - accessToken.length) * 3) / 4));
    const { answer, cookies } = await signIn(node);
    expect(answer.json().errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(cookies).toEqual([]);
    expect(node.logLines.join('')).toContain('the token is too long for a cookie');
    expect((await send(node, login())).json().data.login.accessToken).toMatch(/^eyJ/);
  } finally {
    await node.close();
  }
});

test('no token of a cookie is in the log', async () => {
  app.logLines.length = 0;
  const { jar } = await signIn(app);
  await send(app, refresh, atRefresh(jar));
  await send(app, refresh, atRefresh('sallyport_refresh=hunter2'));
  expect(app.logLines.length).toBeGreaterThanOrEqual(3);
  expect(app.logLines.join('')).not.toMatch(/eyJ|hunter2/);
  expect(app.logLines.join('')).not.toContain(secretKey);
});
