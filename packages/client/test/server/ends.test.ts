import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { users } from '../../../../src/user/table.ts';
import { claimsOf } from '../../../../test/support/account.ts';
import { createSession } from '../../src/index.ts';
import {
  openTab,
  password,
  type Service,
  sharedStorage,
  signUp,
  startService,
  type Tab,
} from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
beforeEach(() => service.wire.forget());
afterAll(() => service.close());

const me = '{ me { username } }';

/** The refresh token that a browser holds. */
function stolenFrom(browser: ReturnType<typeof sharedStorage>): string {
  return (JSON.parse(browser.value ?? '') as { refreshToken: string }).refreshToken;
}

function refreshElsewhere(refreshToken: string) {
  return service.app.ask('mutation ($t: String) { refresh(refreshToken: $t) { accessToken } }', {
    variables: { t: refreshToken },
  });
}

async function openSignedIn() {
  const browser = sharedStorage();
  const [tab, other] = [1, 2].map(() =>
    openTab(service, { storage: browser.openTab().storage }),
  ) as [Tab, Tab];
  const username = await signUp(tab, service);
  return { browser, tab, other, username };
}

test('the use of a stolen refresh token ends the session in every tab, with the reason', async () => {
  const { browser, tab, other } = await openSignedIn();
  service.app.clock.advance(10);
  const { data } = await refreshElsewhere(stolenFrom(browser));
  await service.app.ask(me, { token: data.refresh.accessToken });
  service.app.clock.advance(1000);
  await expect(tab.ask(me)).resolves.toMatchObject({
    errors: [{ extensions: { reason: 'TOKEN_MISSING' } }],
  });
  expect([tab.ends, other.ends]).toEqual([['TOKEN_REUSED'], ['TOKEN_REUSED']]);
  const ended = { status: 'signedOut', endReason: 'TOKEN_REUSED' };
  expect([tab.session.state, other.session.state]).toEqual([ended, ended]);
  expect(openTab(service, { storage: browser.openTab().storage }).session.state).toEqual(ended);
});

describe('a session that the server ends', () => {
  const endings: [
    string,
    string,
    (one: { username: string; token: string }) => Promise<unknown>,
  ][] = [
    [
      'after a sign-out elsewhere',
      'TOKEN_REVOKED',
      ({ token }) => service.app.ask('mutation { logout }', { token }),
    ],
    [
      'whose user is disabled',
      'USER_INACTIVE',
      ({ username }) =>
        service.app.database
          .update(users)
          .set({ active: false })
          .where(eq(users.username, username)),
    ],
    [
      'whose user is deleted',
      'USER_NOT_FOUND',
      ({ token }) => service.app.ask('mutation { deleteAccount }', { token }),
    ],
    [
      'after two weeks without use',
      'TOKEN_EXPIRED',
      async () => service.app.clock.advance(15 * 86_400),
    ],
  ];

  test.each(endings)('%s ends here with %s', async (_name, reason, end) => {
    const { tab, other, username } = await openSignedIn();
    await end({ username, token: (await tab.session.accessToken()) ?? '' });
    await tab.ask(me);
    expect([tab.ends, other.ends]).toEqual([[reason], [reason]]);
    expect(tab.session.state).toEqual({ status: 'signedOut', endReason: reason });
  });

  test('ends once for all waiting requests', async () => {
    const { tab } = await openSignedIn();
    await service.app.ask('mutation { logout }', {
      token: (await tab.session.accessToken()) ?? '',
    });
    await Promise.all(Array.from({ length: 20 }, () => tab.ask(me)));
    expect(tab.ends).toEqual(['TOKEN_REVOKED']);
    expect(service.wire.count('refresh')).toBe(1);
  });

  test('rejects a mutation that was not sent yet', async () => {
    const { tab } = await openSignedIn();
    await service.app.ask('mutation { logout }', {
      token: (await tab.session.accessToken()) ?? '',
    });
    service.app.clock.advance(1000);
    await expect(tab.ask('mutation { logoutEverywhere }')).rejects.toMatchObject({
      reason: 'TOKEN_REVOKED',
      message: 'The session ended before this was sent.',
    });
    expect(service.wire.count('logoutEverywhere')).toBe(0);
  });
});

test('an access token that no node accepts is refreshed, and the session continues', async () => {
  const { browser, tab } = await openSignedIn();
  const stored = JSON.parse(browser.value ?? '') as { accessToken: string };
  const broken = JSON.stringify({ ...stored, accessToken: `${stored.accessToken}x` });
  browser.value = broken;
  const other = openTab(service, { storage: browser.openTab().storage });
  expect((await other.ask(me)).errors).toBeUndefined();
  expect(other.ends).toEqual([]);
  expect((await tab.ask(me)).errors).toBeUndefined();
});

describe('a sign-out', () => {
  test('ends the session here and on the server', async () => {
    const { tab } = await openSignedIn();
    const token = (await tab.session.accessToken()) ?? '';
    await tab.session.signOut();
    expect(tab.session.state).toEqual({ status: 'signedOut', endReason: null });
    expect((await service.app.ask(me, { token })).errors).toMatchObject([
      { extensions: { reason: 'TOKEN_REVOKED' } },
    ]);
    await tab.session.signOut();
    expect(tab.ends).toEqual([]);
    expect(service.wire.count('logout')).toBe(1);
  });

  test('that does not reach the server is rejected, and the user is signed out here all the same', async () => {
    const { tab, browser } = await openSignedIn();
    service.wire.goOffline();
    await expect(tab.session.signOut()).rejects.toThrow(TypeError);
    expect(tab.session.state.status).toBe('signedOut');
    expect(browser.value).toBe('{"endReason":null}');
  });

  test('everywhere ends all sessions of the user, and returns their number', async () => {
    const { tab, other, username } = await openSignedIn();
    await openTab(service).session.signIn({ username, password });
    expect(await tab.session.signOutEverywhere()).toBe(2);
    expect([tab.session.state.status, other.session.state.status]).toEqual([
      'signedOut',
      'signedOut',
    ]);
  });

  test('everywhere that fails ends no session', async () => {
    const { tab } = await openSignedIn();
    service.wire.goOffline();
    await expect(tab.session.signOutEverywhere()).rejects.toThrow(TypeError);
    expect(tab.session.state.status).toBe('signedIn');
  });
});

describe('a sign-in', () => {
  test('that is refused is rejected with the reason, and does not change the session', async () => {
    const { tab, username } = await openSignedIn();
    const { state } = tab.session;
    const wrong = tab.session.signIn({ username, password: 'a wrong password' });
    await expect(wrong).rejects.toMatchObject({
      name: 'SessionError',
      code: 'BAD_USER_INPUT',
      reason: 'INVALID_CREDENTIALS',
      message: 'Wrong username or password.',
    });
    expect(tab.session.state).toBe(state);
    const short = tab.session.register({ username: 'x', password });
    await expect(short).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      reason: null,
      extensions: { argument: 'username' },
    });
  });

  test('names the device', async () => {
    const tab = openTab(service);
    const username = await signUp(tab, service);
    await tab.session.signIn({ username, password, device: 'The old laptop' });
    const { data } = await tab.ask('{ sessions { device current } }');
    expect(data).toEqual({ sessions: [{ device: 'The old laptop', current: true }] });
  });
});

test('a change of password continues the session with the new pair of tokens', async () => {
  const { tab, other, username } = await openSignedIn();
  service.app.clock.advance(1000);
  await tab.session.changePassword('another correct horse');
  expect(tab.questions).toHaveLength(1);
  expect((await tab.ask(me)).data).toEqual({ me: { username } });
  service.app.clock.advance(1000);
  expect((await other.ask(me)).data).toEqual({ me: { username } });
  expect([tab.ends, other.ends]).toEqual([[], []]);
});

test('the state of the session is the same object until it changes', async () => {
  const { tab, username } = await openSignedIn();
  let changes = 0;
  const unsubscribe = tab.session.subscribe(() => changes++);
  const { state } = tab.session;
  const now = service.app.clock.now.getTime();
  const { sub: id } = claimsOf((await tab.session.accessToken()) ?? '');
  expect(state).toEqual({
    status: 'signedIn',
    userId: id,
    fresh: true,
    confirmedAt: now,
    expiresAt: now + 900_000,
  });
  expect([tab.session.state === state, changes]).toEqual([true, 0]);
  service.app.clock.advance(1000);
  await tab.ask(me);
  expect(tab.session.state).toMatchObject({
    fresh: false,
    confirmedAt: now,
    expiresAt: now + 1_900_000,
  });
  expect(changes).toBe(1);
  unsubscribe();
  await tab.session.signOut();
  expect([changes, username.length > 0]).toEqual([1, true]);
});

test('graphql-ws gets the access token of the session, and no token when no user is signed in', async () => {
  const { tab } = await openSignedIn();
  const Authorization = `Bearer ${await tab.session.accessToken()}`;
  expect(await tab.session.connectionParams()).toEqual({ Authorization });
  await tab.session.signOut();
  expect(await tab.session.connectionParams()).toEqual({});
});

describe('on a server', () => {
  const url = 'http://127.0.0.1:9/graphql';
  const uses: [string, (session: ReturnType<typeof createSession>) => Promise<unknown>][] = [
    ['fetch', (session) => session.fetch(url)],
    ['signIn', (session) => session.signIn({ username: 'x', password })],
    ['register', (session) => session.register({ username: 'x', password })],
    ['signOut', (session) => session.signOut()],
    ['signOutEverywhere', (session) => session.signOutEverywhere()],
    ['freshen', (session) => session.freshen(password)],
    ['changePassword', (session) => session.changePassword(password)],
    ['accessToken', (session) => session.accessToken()],
    ['connectionParams', (session) => session.connectionParams()],
  ];

  test.each(uses)('%s of a session that was not made for one user throws', async (_name, use) => {
    const session = createSession({ url });
    await expect(use(session)).rejects.toThrow(
      'On a server, make one session per request, with `singleUser: true`.',
    );
    expect(session.state).toEqual({ status: 'signedOut', endReason: null });
  });

  test('sessions of several requests do not share tokens', async () => {
    const tabs = Array.from({ length: 5 }, () => openTab(service));
    const names = await Promise.all(tabs.map((tab) => signUp(tab, service)));
    const answers = await Promise.all(tabs.map((tab) => tab.ask(me)));
    expect(answers.map(({ data }) => data)).toEqual(
      names.map((username) => ({ me: { username } })),
    );
  });
});
