import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf } from '../support/account.ts';
import { cookieHeader, setCookies } from '../support/cookieJar.ts';
import {
  all,
  app,
  atRefresh,
  clearedIn,
  closeApp,
  openApp,
  own,
  reasonOf,
  refresh,
  send,
  signIn,
} from './cookieRequests.ts';

beforeAll(openApp);
afterAll(closeApp);

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
