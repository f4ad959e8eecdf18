import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { register } from '../../../../test/support/account.ts';
import { password, startApp, type TestApp } from '../../../../test/support/app.ts';
import { cookieHeader, setCookies } from '../../../../test/support/cookieJar.ts';
import {
  type AuthErrorReason,
  cookieStorage,
  createSession,
  type Fetch,
  type Session,
} from '../../src/index.ts';

const url = 'http://localhost/graphql';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ environment: { JWT_TOKEN_LOCATION: 'headers,cookies' } });
});
afterAll(() => app.close());

/** A browser: what all of its tabs send, and what it keeps for them. */
function openBrowser() {
  const cookies: Record<string, string> = {};
  const sent: string[] = [];
  let isOffline = false;
  const fetch: Fetch = async (input, init = {}) => {
    if (isOffline) throw new TypeError('offline');
    const path = new URL(String(input)).pathname;
    const { query } = JSON.parse(String(init.body));
    sent.push(`${path} ${/result:(\w+)/.exec(query)?.[1] ?? 'query'}`);
    const headers = Object.fromEntries(new Headers(init.headers));
    const response = await app.inject({
      method: 'POST',
      url: path,
      headers: {
        ...headers,
        'sec-fetch-site': 'same-origin',
        ...(path === '/graphql/refresh' && { cookie: cookieHeader(cookies) }),
      },
      payload: String(init.body),
    });
    for (const { name, value } of setCookies(response)) {
      if (value === '') delete cookies[name];
      else cookies[name] = value;
    }
    return new Response(response.body, {
      status: response.statusCode,
      headers: { 'content-type': String(response.headers['content-type']) },
    });
  };
  return {
    cookies,
    sent,
    goOffline() {
      isOffline = true;
    },
    goOnline() {
      isOffline = false;
    },
    openTab() {
      const ends: (AuthErrorReason | null)[] = [];
      const session = createSession({
        url,
        storage: cookieStorage(),
        singleUser: true,
        fetch,
        clock: { now: () => app.clock.now.getTime(), setAlarm: () => () => {} },
        onEnd: (reason) => void ends.push(reason),
      });
      return { session, ends };
    },
  };
}

async function whoIs(session: Session): Promise<unknown> {
  const response = await session.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ me { username } }' }),
  });
  const { data, errors } = await response.json();
  return data?.me?.username ?? errors[0].extensions.reason;
}

describe('a session in cookies', () => {
  test('continues in a new page by its cookie alone, with one request', async () => {
    const { username } = await register(app);
    const browser = openBrowser();
    const first = browser.openTab();
    await first.session.signIn({ username, password });
    expect(Object.keys(browser.cookies)).toEqual(['sallyport_refresh']);
    expect(JSON.stringify(first.session.state)).not.toContain('eyJ');
    browser.sent.length = 0;
    const { session } = browser.openTab();
    expect(await Promise.all([whoIs(session), whoIs(session)])).toEqual([username, username]);
    expect(browser.sent.filter((each) => each !== '/graphql query')).toEqual([
      '/graphql/refresh refresh',
    ]);
    expect(session.state.status).toBe('signedIn');
  });

  test('does not exist without a cookie, and no listener hears of an ended session', async () => {
    const { session, ends } = openBrowser().openTab();
    expect([await whoIs(session), session.state, ends]).toEqual([
      'TOKEN_MISSING',
      { status: 'signedOut', endReason: null },
      [],
    ]);
  });

  test('is requested again when the page was offline at first', async () => {
    const { username } = await register(app);
    const browser = openBrowser();
    await browser.openTab().session.signIn({ username, password });
    browser.goOffline();
    const { session } = browser.openTab();
    await expect(whoIs(session)).rejects.toThrow('offline');
    browser.goOnline();
    expect(await whoIs(session)).toBe(username);
  });

  test('is refreshed by the cookie when the access token has expired', async () => {
    const { username } = await register(app);
    const { session } = openBrowser().openTab();
    await session.signIn({ username, password });
    app.clock.advance(1000);
    expect(await whoIs(session)).toBe(username);
  });

  test('continues after a confirmation and a change of the password', async () => {
    const { username } = await register(app);
    const browser = openBrowser();
    const { session } = browser.openTab();
    await session.signIn({ username, password });
    app.clock.advance(1000);
    await session.freshen(password);
    await session.changePassword('another horse battery staple');
    expect(await whoIs(browser.openTab().session)).toBe(username);
  });

  test('that is signed out in one tab is signed out in the other', async () => {
    const { username } = await register(app);
    const browser = openBrowser();
    const [one, other] = [browser.openTab(), browser.openTab()];
    await one.session.signIn({ username, password });
    const late = browser.openTab();
    expect(await whoIs(late.session)).toBe(username);
    await late.session.signOut();
    expect(browser.cookies).toEqual({});
    expect(await whoIs(one.session)).toBe('TOKEN_REVOKED');
    expect([one.session.state.status, one.ends]).toEqual(['signedOut', ['TOKEN_MISSING']]);
    expect(other.ends).toEqual([]);
  });

  test('of another user, who signed in in another tab, replaces the session of this tab at a refresh', async () => {
    const [ada, grace] = [await register(app), await register(app)];
    const browser = openBrowser();
    const { session } = browser.openTab();
    await session.signIn({ username: ada.username, password });
    await browser.openTab().session.signIn({ username: grace.username, password });
    app.clock.advance(1000);
    expect(await whoIs(session)).toBe(grace.username);
    expect(session.state).toMatchObject({ userId: grace.userId });
  });

  test('of a user who signed in before ends at the next sign-in, and the cookie is that of the next user', async () => {
    const [ada, grace] = [await register(app), await register(app)];
    const browser = openBrowser();
    const { session } = browser.openTab();
    await session.signIn({ username: ada.username, password });
    const token = await session.accessToken();
    await session.signIn({ username: grace.username, password });
    const { errors } = await app.ask('{ me { id } }', { token: String(token) });
    expect(errors[0]?.extensions?.['reason']).toBe('TOKEN_REVOKED');
    expect(await whoIs(browser.openTab().session)).toBe(grace.username);
  });
});
