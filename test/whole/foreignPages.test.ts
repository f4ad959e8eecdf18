import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { register } from '../support/account.ts';
import { password } from '../support/app.ts';
import { openBrowser, openBrowserWithThirdPartyCookies } from '../support/browser.ts';
import { ask, closeServers, me, none, openServers, origin, strict } from './cookiePages.ts';

beforeAll(openServers);
afterAll(closeServers);

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
