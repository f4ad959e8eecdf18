import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { cookieStorage, createSession, Session } from '../../packages/client/src/index.ts';
import { sessions } from '../../src/session/table.ts';
import { register } from '../support/account.ts';
import { password, startApp, type TestApp } from '../support/app.ts';
import { openBrowser, openBrowserWithThirdPartyCookies } from '../support/browser.ts';

/** A server that listens, and where pages find it. */
interface Served {
  readonly app: TestApp;
  readonly api: string;
}

let strict: Served;
/** In production: only there may cookies be SameSite=None, because only there are they Secure on localhost. */
let none: Served;
/** A page of nothing, at any origin below localhost. */
let pages: Server;
let origin: (name: string) => string;
let kit: string;
beforeAll(async () => {
  pages = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title>'),
  );
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  const pagesPort = (pages.address() as AddressInfo).port;
  origin = (name) => `http://${name}.localhost:${pagesPort}`;
  strict = await serve({ CORS_ORIGINS: origin('shop') });
  none = await serve({
    CORS_ORIGINS: origin('partner'),
    JWT_COOKIE_SAMESITE: 'None',
    NODE_ENV: 'production',
    JWT_SECRET_KEY: randomBytes(48).toString('base64'),
  });
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../../packages/client/src/index.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'kit',
  });
  kit = bundle.outputFiles[0]?.text ?? '';
});
afterAll(async () => {
  await strict.app.close();
  await none.app.close();
  await new Promise((resolve) => pages.close(resolve));
});

async function serve(environment: Record<string, string>): Promise<Served> {
  const app = await startApp({
    environment: {
      JWT_TOKEN_LOCATION: 'headers,cookies',
      JWT_ACCESS_COOKIE: 'true',
      ...environment,
    },
  });
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.http.server.address() as AddressInfo;
  return { app, api: `http://api.shop.localhost:${port}` };
}

/** What pages of the tests have besides their own. */
interface PageGlobals {
  readonly kit: {
    readonly cookieStorage: typeof cookieStorage;
    readonly createSession: typeof createSession;
  };
  session: Session;
}

/** Sends an operation from a page, as the page is allowed to, and returns its data or the first reason. */
function ask(page: Page, url: string, query: string, headers: Record<string, string> = {}) {
  return page.evaluate(
    async ({ url, query, headers }) => {
      const response = await fetch(url, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
      const { data, errors } = await response.json();
      return errors ? errors[0].extensions.reason : data;
    },
    { url, query, headers },
  );
}

const me = '{ me { username } }';

test('a page of the same origin signs in, reloads, continues, and signs out, in both of its tabs', async (context) => {
  const { app, api } = strict;
  const browser = await openBrowser(context);
  const person = await browser.newContext();
  const { username } = await register(app);
  const page = await person.newPage();
  await page.goto(`${api}/healthz`);
  const login = `mutation { login(username: "${username}", password: "${password}") { refreshToken } }`;
  expect(await ask(page, `${api}/graphql`, login, { 'x-token-location': 'cookies' })).toEqual({
    login: { refreshToken: null },
  });
  // Scripts see the CSRF token, and neither of the other two.
  expect(await page.evaluate('document.cookie')).toMatch(/^sallyport_csrf=[0-9a-f-]{36}$/);

  await page.reload();
  const other = await person.newPage();
  await other.goto(`${api}/healthz`);
  const refresh = 'mutation { refresh { refreshToken } }';
  for (const tab of [page, other]) {
    expect(await ask(tab, `${api}/graphql`, me)).toEqual({ me: { username } });
    expect(await ask(tab, `${api}/graphql/refresh`, refresh)).toEqual({
      refresh: { refreshToken: null },
    });
  }
  const change = 'mutation { updateItem(name: "none", price: 1) { id } }';
  expect(await ask(page, `${api}/graphql`, change)).toBe('CSRF_FAILED');

  expect(await ask(other, `${api}/graphql/refresh`, 'mutation { logout }')).toEqual({
    logout: true,
  });
  expect(await ask(page, `${api}/graphql`, me)).toBe('TOKEN_MISSING');
  expect(await ask(page, `${api}/graphql/refresh`, refresh)).toBe('TOKEN_MISSING');
  expect(await page.evaluate('document.cookie')).toBe('');
});

test('the client keeps a session over a reload and in two tabs, and ends it in both', async (context) => {
  const { app, api } = strict;
  const browser = await openBrowser(context);
  const person = await browser.newContext();
  const { username } = await register(app);
  const open = async (page: Page) => {
    await page.addScriptTag({ content: kit });
    await page.evaluate((url) => {
      const globals = globalThis as unknown as PageGlobals;
      const { createSession, cookieStorage } = globals.kit;
      globals.session = createSession({ url, storage: cookieStorage() });
    }, `${api}/graphql`);
  };
  const askByKit = (page: Page) =>
    page.evaluate(
      async ({ url, query }) => {
        const { session } = globalThis as unknown as PageGlobals;
        const response = await session.fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        });
        const { data, errors } = await response.json();
        return [session.state.status, data?.me ?? errors[0].extensions.reason];
      },
      { url: `${api}/graphql`, query: me },
    );
  const page = await person.newPage();
  await page.goto(origin('shop'));
  await open(page);
  expect(await askByKit(page)).toEqual(['signedOut', 'TOKEN_MISSING']);
  await page.evaluate(
    (credentials) => (globalThis as unknown as PageGlobals).session.signIn(credentials),
    { username, password },
  );
  expect(await askByKit(page)).toEqual(['signedIn', { username }]);

  await page.reload();
  await open(page);
  expect(await askByKit(page)).toEqual(['signedIn', { username }]);
  const other = await person.newPage();
  await other.goto(origin('shop'));
  await open(other);
  expect(await askByKit(other)).toEqual(['signedIn', { username }]);

  await other.evaluate(() => (globalThis as unknown as PageGlobals).session.signOut());
  expect(await askByKit(page)).toEqual(['signedOut', 'TOKEN_REVOKED']);
  expect(await person.cookies()).toEqual([]);
});

/** What a page tries at a path, with what it may say of itself: how each attempt ended, by its name. */
async function tryEverything(page: Page, path: string): Promise<string[]> {
  return await page.evaluate(async (target) => {
    const ended: Record<string, string> = {};
    const asked = `${target}?query={me{username}}`;
    const mutation = JSON.stringify({ query: 'mutation { logoutEverywhere }' });
    for (const credentials of ['include', 'omit'] as const) {
      for (const mode of ['cors', 'no-cors'] as const) {
        const init = { mode, credentials };
        for (const type of ['application/json', 'text/plain']) {
          const headers = { 'content-type': type };
          ended[`${credentials} ${mode} ${type}`] = await fetch(target, {
            ...init,
            method: 'POST',
            headers,
            body: mutation,
          }).then(
            (response) => response.type,
            () => 'failed',
          );
        }
        ended[`${credentials} ${mode} GET`] = await fetch(asked, init).then(
          (response) => response.type,
          () => 'failed',
        );
      }
    }
    for (const kind of ['img', 'script', 'iframe'] as const) {
      const element = Object.assign(document.createElement(kind), { src: asked });
      ended[kind] = await new Promise<string>((resolve) => {
        element.onload = () => resolve(kind === 'iframe' ? 'opaque' : 'loaded');
        element.onerror = () => resolve('failed');
        document.body.append(element);
      });
    }
    navigator.sendBeacon(target, new Blob([mutation], { type: 'text/plain' }));
    return [...new Set(Object.values(ended))].sort();
  }, path);
}

/** Has a page send a form, as a click on a button of it would, and returns the status of what it leads to. */
async function submit(page: Page, home: string, action: string, form: object): Promise<number> {
  await page.goto(home);
  const answered = page.waitForResponse(
    (response) => response.url().startsWith(action) && response.request().isNavigationRequest(),
  );
  const field = {
    name: 'method' in form ? 'query' : '{"query":"mutation { logout }","a":"',
    value: 'method' in form ? '{me{username}}' : '"}',
  };
  await page.evaluate(
    ({ field, ...attributes }) => {
      const element = Object.assign(document.createElement('form'), attributes);
      element.append(Object.assign(document.createElement('input'), field));
      document.body.append(element);
      element.submit();
    },
    { field, method: 'post', ...form, action },
  );
  await page.waitForURL((url) => url.href.startsWith(action));
  return (await answered).status();
}

// With SameSite=None the browser sends the cookies along with whatever any page asks for, so the server has to refuse.
// A sibling subdomain gets them sent with Strict too: it is of the same site.
describe.each([
  ['Strict', 'a foreign site', 'evil'],
  ['Strict', 'a sibling subdomain', 'other.shop'],
  ['None', 'a foreign site', 'evil'],
  ['None', 'a sibling subdomain', 'other.shop'],
] as const)('where cookies are SameSite=%s, a page of %s', (sameSite, _which, name) => {
  test('cannot affect a signed-in user, by form, image or fetch', async (context) => {
    const { app, api } = sameSite === 'Strict' ? strict : none;
    const person =
      sameSite === 'Strict'
        ? await (await openBrowser(context)).newContext()
        : await openBrowserWithThirdPartyCookies(context);
    const { username, userId } = await register(app);
    const own = await person.newPage();
    await own.goto(`${api}/healthz`);
    const login = `mutation { login(username: "${username}", password: "${password}") { refreshToken } }`;
    await ask(own, `${api}/graphql`, login, { 'x-token-location': 'cookies' });
    const sessionsOf = async () =>
      (await app.database.select().from(sessions)).filter((session) => session.userId === userId);
    const before = await sessionsOf();
    const cookiesBefore = await person.cookies();
    expect(cookiesBefore).toHaveLength(3);
    app.clock.advance(60);
    app.logLines.length = 0;

    const page = await person.newPage();
    const home = origin(name);
    const sentCookies: string[] = [];
    page.on('request', async (request) => {
      const { cookie } = await request.allHeaders();
      if (cookie && request.url().startsWith(api)) sentCookies.push(cookie);
    });
    for (const path of ['/graphql', '/graphql/refresh']) {
      await page.goto(home);
      // What got an answer at all is opaque to the page: it can read nothing of it.
      expect(await tryEverything(page, api + path)).toEqual(['failed', 'opaque']);
      for (const enctype of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
      ]) {
        expect(await submit(page, home, api + path, { enctype })).toBe(415);
      }
      const isRefused = path === '/graphql' ? 403 : 405;
      expect(await submit(page, home, api + path, { method: 'get' })).toBe(isRefused);
    }
    if (sameSite === 'None' || name !== 'evil') {
      expect(sentCookies.join()).toContain('sallyport_access');
      expect(sentCookies.join()).toContain('sallyport_refresh');
    } else {
      expect(sentCookies).toEqual([]);
    }

    // No operation of theirs has run, and everything is as it was.
    const lines = app.logLines.map((line) => JSON.parse(line));
    expect(lines.filter(({ route }) => route === '/graphql').length).toBeGreaterThan(8);
    expect(lines.filter(({ operation }) => operation)).toEqual([]);
    expect(await sessionsOf()).toEqual(before);
    expect(await person.cookies()).toEqual(cookiesBefore);
    expect(await ask(own, `${api}/graphql`, me)).toEqual({ me: { username } });
  });
});

test('a page of an allowed site signs in, reads and refreshes by cookies where they are SameSite=None', async (context) => {
  const { app, api } = none;
  const person = await openBrowserWithThirdPartyCookies(context);
  const { username } = await register(app);
  const page = await person.newPage();
  await page.goto(origin('partner'));
  const login = `mutation { login(username: "${username}", password: "${password}") { refreshToken } }`;
  await ask(page, `${api}/graphql`, login, { 'x-token-location': 'cookies' });
  expect((await person.cookies()).map(({ name }) => name).sort()).toEqual([
    '__Host-sallyport_access',
    '__Host-sallyport_csrf',
    '__Secure-sallyport_refresh',
  ]);
  await page.reload();
  expect(await ask(page, `${api}/graphql`, me)).toEqual({ me: { username } });
  const refresh = 'mutation { refresh { refreshToken } }';
  expect(await ask(page, `${api}/graphql/refresh`, refresh)).toEqual({
    refresh: { refreshToken: null },
  });
});
