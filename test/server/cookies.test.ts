import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineServer } from '../../src/defineServer.ts';
import { claimsOf, pairFields, register } from '../support/account.ts';
import { password, secretKey, startApp, type TestApp } from '../support/app.ts';
import { cookieHeader, setCookies } from '../support/cookieJar.ts';

declare module '@sallyport/guards' {
  interface AdditionalClaims {
    readonly note?: string;
  }
}

const withCookies = { JWT_TOKEN_LOCATION: 'headers,cookies' };
const withAccess = { ...withCookies, JWT_ACCESS_COOKIE: 'true' };
const own = { 'sec-fetch-site': 'same-origin' };

let app: TestApp;
let username: string;
beforeAll(async () => {
  app = await startApp({ environment: withAccess });
  ({ username } = await register(app));
});
afterAll(() => app.close());

async function withNode(
  environment: Record<string, string>,
  use: (node: TestApp) => Promise<void>,
): Promise<void> {
  const node = await startApp({ environment, database: app.database, clock: app.clock });
  try {
    await use(node);
  } finally {
    await node.close();
  }
}

function send(
  node: TestApp,
  query: string,
  {
    path = '/graphql',
    cookie,
    headers = {},
  }: {
    path?: string;
    cookie?: string | Record<string, string>;
    headers?: Record<string, string>;
  } = {},
) {
  const text = typeof cookie === 'object' ? cookieHeader(cookie) : cookie;
  return node.inject({
    method: 'POST',
    url: path,
    headers: { ...(text !== undefined && { cookie: text }), ...headers },
    payload: { query },
  });
}

const login = () =>
  `mutation { login(username: "${username}", password: "${password}") { ${pairFields} } }`;

/** Signs in with cookies, and returns them by their names. */
async function signIn(node: TestApp, headers: Record<string, string> = {}) {
  const answer = await send(node, login(), {
    headers: { 'x-token-location': 'cookies', ...headers },
  });
  const cookies = setCookies(answer);
  const jar = Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
  return { answer, cookies, jar, pair: answer.json().data?.login };
}

const refresh = `mutation { refresh { ${pairFields} } }`;
const atRefresh = (cookie: string | Record<string, string>, headers = {}) => ({
  path: '/graphql/refresh',
  cookie,
  headers: { ...own, ...headers },
});
const reasonOf = (answer: { json(): { errors?: { extensions: { reason?: string } }[] } }) =>
  answer.json().errors?.[0]?.extensions.reason;
const clearedIn = (answer: Parameters<typeof setCookies>[0]) =>
  setCookies(answer)
    .filter(({ value, maxAgeSeconds }) => value === '' && maxAgeSeconds === 0)
    .map(({ name }) => name)
    .sort();

const all = ['sallyport_access', 'sallyport_csrf', 'sallyport_refresh'];

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

describe('a refresh cookie', () => {
  const other = 'eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
  test.each<[string, string, (jar: Record<string, string>) => string]>([
    ['that is garbage', 'TOKEN_INVALID', () => 'sallyport_refresh=%%%;;=;"'],
    ['with a broken escape', 'TOKEN_INVALID', () => 'sallyport_refresh=%E0%A4%A'],
    ['of another server on the same host', 'TOKEN_INVALID', () => `sallyport_refresh=${other}`],
    ['of 8 KB', 'TOKEN_INVALID', () => `sallyport_refresh=${'x'.repeat(8192)}`],
    ['there twice', 'TOKEN_INVALID', (jar) => `${cookieHeader(jar)}; ${cookieHeader(jar)}`],
    [
      'sent twice, once empty',
      'TOKEN_INVALID',
      (jar) => `sallyport_refresh=; ${cookieHeader(jar)}`,
    ],
    [
      'sent twice, once garbage',
      'TOKEN_INVALID',
      (jar) => `sallyport_refresh=x; ${cookieHeader(jar)}`,
    ],
    [
      'that is an access token',
      'TOKEN_WRONG_TYPE',
      ({ sallyport_access }) => `sallyport_refresh=${sallyport_access}`,
    ],
    ['that is an API token', 'TOKEN_INVALID', () => `sallyport_refresh=sp_${'a'.repeat(40)}`],
  ])('%s is refused and cleared', async (_what, reason, cookieOf) => {
    const { jar } = await signIn(app);
    for (const mutation of [refresh, 'mutation { logout }']) {
      if (mutation !== refresh && reason === 'TOKEN_WRONG_TYPE') continue;
      const answer = await send(app, mutation, atRefresh(cookieOf(jar)));
      expect([answer.statusCode, reasonOf(answer), clearedIn(answer)]).toEqual([200, reason, all]);
    }
  });

  test('that is empty, or has another name, counts as no cookie', async () => {
    for (const cookie of ['sallyport_refresh=', 'Sallyport_Refresh=x', 'x=y', '']) {
      const answer = await send(app, refresh, atRefresh(cookie));
      expect([reasonOf(answer), setCookies(answer)]).toEqual(['TOKEN_MISSING', []]);
    }
  });

  test('of a session that has ended, expired or was stolen is cleared', async () => {
    const ended = await signIn(app);
    await send(app, 'mutation { logout }', {
      headers: { authorization: `Bearer ${ended.pair.accessToken}` },
    });
    const revoked = await send(app, refresh, atRefresh(ended.jar));
    expect([reasonOf(revoked), clearedIn(revoked)]).toEqual(['TOKEN_REVOKED', all]);

    const stolen = await signIn(app);
    let { jar } = stolen;
    for (let time = 0; time < 2; time++) {
      app.clock.advance(60);
      const answer = await send(app, refresh, atRefresh(jar));
      jar = Object.fromEntries(setCookies(answer).map(({ name, value }) => [name, value]));
    }
    const reused = await send(app, refresh, atRefresh(stolen.jar));
    expect([reasonOf(reused), clearedIn(reused)]).toEqual(['TOKEN_REUSED', all]);

    const old = await signIn(app);
    app.clock.advance(15 * 24 * 60 * 60);
    const expired = await send(app, refresh, atRefresh(old.jar));
    expect([reasonOf(expired), clearedIn(expired)]).toEqual(['TOKEN_EXPIRED', all]);
  });

  test('sent by a page of another site is refused, and is neither used nor cleared', async () => {
    const { jar } = await signIn(app);
    app.clock.advance(60);
    for (const mutation of [refresh, 'mutation { logout }']) {
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
      const answer = await send(app, mutation, { ...atRefresh(jar), headers });
      expect([reasonOf(answer), setCookies(answer)]).toEqual(['CSRF_FAILED', []]);
    }
    const answer = await send(app, refresh, atRefresh(jar));
    expect(claimsOf(setCookies(answer)[0]?.value ?? '')['gen']).toBe(2);
  });

  test('sent to /graphql is not read', async () => {
    const { jar } = await signIn(app);
    const { sallyport_refresh = '' } = jar;
    const answer = await send(app, refresh, { cookie: { sallyport_refresh }, headers: own });
    expect(reasonOf(answer)).toBe('TOKEN_MISSING');
  });
});

describe('an access cookie', () => {
  const accessOnly = ['sallyport_access', 'sallyport_csrf'];
  const me = '{ me { id } }';

  test.each<[string, string]>([
    ['garbage', 'sallyport_access=%%%'],
    ['an API token', `sallyport_access=sp_${'a'.repeat(40)}`],
    ['8 KB long', `sallyport_access=${'x'.repeat(8192)}`],
    ['there twice', 'sallyport_access=a; sallyport_access=b'],
  ])('that is %s is refused and cleared, and the refresh cookie stays', async (_what, cookie) => {
    const answer = await send(app, me, { cookie, headers: own });
    expect([reasonOf(answer), clearedIn(answer)]).toEqual(['TOKEN_INVALID', accessOnly]);
  });

  test('that has expired is refused, and not cleared', async () => {
    const { jar } = await signIn(app);
    app.clock.advance(1000);
    const answer = await send(app, me, { cookie: jar, headers: own });
    expect([reasonOf(answer), setCookies(answer)]).toEqual(['TOKEN_EXPIRED', []]);
  });

  test('of a session that has ended is refused and cleared', async () => {
    const { jar, pair } = await signIn(app);
    const headers = { authorization: `Bearer ${pair.accessToken}` };
    await send(app, 'mutation { logout }', { headers });
    const answer = await send(app, me, { cookie: jar, headers: own });
    expect([reasonOf(answer), clearedIn(answer)]).toEqual(['TOKEN_REVOKED', accessOnly]);
  });

  test('is not read where the server sets no access cookie', async () => {
    const { jar } = await signIn(app);
    await withNode(withCookies, async (node) => {
      const answer = await send(node, me, { cookie: jar, headers: own });
      expect(reasonOf(answer)).toBe('TOKEN_MISSING');
    });
  });

  test('makes the next pair of tokens arrive in cookies too', async () => {
    const { jar, pair } = await signIn(app);
    const headers = { ...own, 'x-csrf-token': jar['sallyport_csrf'] ?? '' };
    const again = `mutation { freshLogin(password: "${password}") { ${pairFields} } }`;
    const answer = await send(app, again, { cookie: jar, headers });
    const next = answer.json().data.freshLogin;
    expect(next).toMatchObject({ refreshToken: null, fresh: true, userId: pair.userId });
    const cookies = Object.fromEntries(setCookies(answer).map(({ name, value }) => [name, value]));
    expect(Object.keys(cookies).sort()).toEqual(all);
    expect(claimsOf(next.accessToken)['csrf']).toBe(cookies['sallyport_csrf']);
    expect(cookies['sallyport_csrf']).not.toBe(jar['sallyport_csrf']);
  });

  test('is cleared with the other cookies when its account is deleted', async () => {
    const registered = await send(
      app,
      `mutation { register(username: "short-lived", password: "${password}") { userId } }`,
      { headers: { 'x-token-location': 'cookies' } },
    );
    const jar = Object.fromEntries(setCookies(registered).map(({ name, value }) => [name, value]));
    const headers = { ...own, 'x-csrf-token': jar['sallyport_csrf'] ?? '' };
    const answer = await send(app, 'mutation { deleteAccount }', { cookie: jar, headers });
    expect([answer.json(), clearedIn(answer)]).toEqual([{ data: { deleteAccount: true } }, all]);
    const after = await send(app, me, { cookie: jar, headers: own });
    expect([reasonOf(after), clearedIn(after)]).toEqual(['USER_NOT_FOUND', accessOnly]);
  });

  test('with a CSRF token that is almost right changes nothing', async () => {
    const { jar } = await signIn(app);
    const right = jar['sallyport_csrf'] ?? '';
    for (const wrong of [
      '',
      `${right}x`,
      right.slice(1),
      right.toUpperCase(),
      `${right}, ${right}`,
    ]) {
      const answer = await send(app, 'mutation { logoutEverywhere }', {
        cookie: jar,
        headers: { ...own, 'x-csrf-token': wrong },
      });
      expect([wrong, reasonOf(answer), setCookies(answer)]).toEqual([wrong, 'CSRF_FAILED', []]);
    }
  });

  test('with an access token that has no CSRF token changes nothing', async () => {
    const { accessToken } = (await send(app, login())).json().data.login;
    const answer = await send(app, 'mutation { logoutEverywhere }', {
      cookie: { sallyport_access: accessToken },
      headers: { ...own, 'x-csrf-token': 'undefined' },
    });
    expect(reasonOf(answer)).toBe('CSRF_FAILED');
  });

  test('needs no CSRF token where that is switched off, but still a page of the same site', async () => {
    await withNode({ ...withAccess, JWT_COOKIE_CSRF_PROTECT: 'false' }, async (node) => {
      const { jar } = await signIn(node);
      const foreign = await send(node, 'mutation { logoutEverywhere }', {
        cookie: jar,
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      expect(reasonOf(foreign)).toBe('CSRF_FAILED');
      const answer = await send(node, 'mutation { logoutEverywhere }', {
        cookie: jar,
        headers: own,
      });
      expect(answer.json().data.logoutEverywhere).toBeGreaterThan(0);
      expect(clearedIn(answer)).toEqual(all);
    });
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
