import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf, pairFields } from '../support/account.ts';
import { password } from '../support/app.ts';
import { setCookies } from '../support/cookieJar.ts';
import {
  all,
  app,
  clearedIn,
  closeApp,
  login,
  openApp,
  own,
  reasonOf,
  send,
  signIn,
  withAccess,
  withCookies,
  withNode,
} from './cookieRequests.ts';

beforeAll(openApp);
afterAll(closeApp);

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
