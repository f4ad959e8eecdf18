import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { register } from '../support/account.ts';
import { password } from '../support/app.ts';
import { openBrowser } from '../support/browser.ts';
import {
  ask,
  closeServers,
  kit,
  me,
  openServers,
  origin,
  type PageGlobals,
  strict,
} from './cookiePages.ts';

beforeAll(openServers);
afterAll(closeServers);

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
