import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clients } from '../support/clients.ts';
import {
  createGate,
  deviceClock,
  openTab,
  type Service,
  signUp,
  startService,
} from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
beforeEach(() => service.wire.forget());
afterAll(() => service.close());

const users = 'query Users($first: Int) { users(first: $first) { edges { node { id } } } }';
const fifty = Array.from({ length: 50 }, (_, index) => index + 1);

describe.each(clients)('$name', ({ connect }) => {
  test('50 parallel queries with an expired token cause one refresh, before they are sent', async () => {
    const tab = openTab(service);
    await signUp(tab, service);
    const send = connect(tab.session, service.wire);
    service.app.clock.advance(1000);
    const answers = await Promise.all(fifty.map((first) => send(users, { first })));
    expect(answers.every((data) => (data as { users: unknown }).users)).toBe(true);
    expect(service.wire.count('refresh')).toBe(1);
    expect(service.wire.count('users')).toBe(50);
    expect(tab.ends).toEqual([]);
  });

  test('50 parallel queries that are refused as expired cause one refresh, and one repeat each', async () => {
    const clock = deviceClock(service.app);
    const tab = openTab(service, { clock });
    await signUp(tab, service);
    const send = connect(tab.session, service.wire);
    service.app.clock.advance(1000);
    clock.offsetSeconds = -1000;
    const answers = await Promise.all(fifty.map((first) => send(users, { first })));
    expect(answers.every((data) => (data as { users: unknown }).users)).toBe(true);
    expect(service.wire.count('refresh')).toBe(1);
    expect(service.wire.count('users')).toBe(100);
    expect(tab.ends).toEqual([]);
  });
});

test('an access token is refreshed 15 seconds before it expires, and not earlier', async () => {
  const tab = openTab(service);
  await signUp(tab, service);
  // The first token of a session is fresh, and is used until its end.
  service.app.clock.advance(899);
  const first = await tab.session.accessToken();
  service.app.clock.advance(1);
  const second = await tab.session.accessToken();
  service.app.clock.advance(884);
  const third = await tab.session.accessToken();
  service.app.clock.advance(1);
  const fourth = await tab.session.accessToken();
  expect([first === second, second === third, third === fourth]).toEqual([false, true, false]);
  expect(service.wire.count('refresh')).toBe(2);
});

test('a query with a partial answer to an expired token is repeated whole', async () => {
  const clock = deviceClock(service.app);
  const tab = openTab(service, { clock });
  await signUp(tab, service);
  service.app.clock.advance(1000);
  clock.offsetSeconds = -1000;
  const { data, errors } = await tab.ask('{ serverTime me { username } }');
  expect(errors).toBeUndefined();
  expect(data).toMatchObject({ me: { username: expect.any(String) } });
  expect(service.wire.passages.map(({ field, ran }) => [field, ran])).toEqual([
    ['serverTime', true],
    ['refresh', true],
    ['serverTime', true],
  ]);
});

describe('offline', () => {
  test('the session does not end, and requests succeed when the connection is back', async () => {
    const tab = openTab(service);
    await signUp(tab, service);
    service.app.clock.advance(1000);
    service.wire.goOffline();
    await expect(tab.ask('{ me { username } }')).rejects.toThrow(TypeError);
    expect(tab.session.state.status).toBe('signedIn');
    service.wire.goOnline();
    expect((await tab.ask('{ me { username } }')).errors).toBeUndefined();
    expect(tab.ends).toEqual([]);
  });

  test('when a refresh fails before the expiry, the request is sent with the access token that is still valid', async () => {
    const tab = openTab(service);
    await signUp(tab, service);
    service.app.clock.advance(900);
    await tab.session.accessToken();
    service.app.clock.advance(890);
    service.wire.plan('refresh', 'cutBefore', 'cutBefore');
    expect((await tab.ask('{ me { username } }')).errors).toBeUndefined();
  });

  test.each([
    ['a proxy that answers for the server', { status: 503, body: '<h1>Service Unavailable</h1>' }],
    [
      'a server that fails',
      { status: 500, body: '{"errors":[{"message":"Something went wrong."}]}' },
    ],
  ])('%s does not end the session', async (_name, fate) => {
    const tab = openTab(service);
    await signUp(tab, service);
    service.app.clock.advance(1000);
    service.wire.plan('refresh', fate);
    await expect(tab.ask('{ me { username } }')).rejects.toMatchObject({
      name: 'SessionError',
      reason: null,
    });
    expect(tab.session.state.status).toBe('signedIn');
    expect((await tab.ask('{ me { username } }')).errors).toBeUndefined();
    expect(tab.ends).toEqual([]);
  });
});

describe('a lost answer to a refresh', () => {
  test.each(['cutBefore', 'cutAfter'] as const)(
    '%s: is asked for again with the same token',
    async (cut) => {
      const tab = openTab(service);
      await signUp(tab, service);
      service.app.clock.advance(1000);
      service.wire.plan('refresh', cut);
      expect((await tab.ask('{ me { username } }')).errors).toBeUndefined();
      expect(service.wire.count('refresh')).toBe(2);
      expect(tab.ends).toEqual([]);
    },
  );

  test('is asked for again, even hours later, with the same refresh token, and the session continues', async () => {
    const tab = openTab(service);
    await signUp(tab, service);
    service.app.clock.advance(1000);
    service.wire.plan('refresh', 'cutAfter', 'cutAfter');
    await expect(tab.ask('{ me { username } }')).rejects.toThrow(TypeError);
    service.app.clock.advance(20 * 3600);
    expect((await tab.ask('{ me { username } }')).errors).toBeUndefined();
    expect(tab.ends).toEqual([]);
  });
});

describe('an abort during a refresh', () => {
  test('rejects one request, and does not end the refresh that others wait for', async () => {
    const tab = openTab(service);
    await signUp(tab, service);
    service.app.clock.advance(1000);
    const { gate, open: release } = createGate();
    service.wire.plan('refresh', { before: gate });
    const unmounted = new AbortController();
    const one = tab.ask('{ me { username } }', {}, { signal: unmounted.signal });
    const other = tab.ask('{ me { username } }');
    unmounted.abort();
    await expect(one).rejects.toMatchObject({ name: 'AbortError' });
    release();
    expect((await other).errors).toBeUndefined();
    expect([service.wire.count('refresh'), service.wire.count('me')]).toEqual([1, 1]);
  });

  test('of the only request keeps the pair of tokens that the refresh returns', async () => {
    const tab = openTab(service);
    await signUp(tab, service);
    service.app.clock.advance(1000);
    const unmounted = new AbortController();
    const one = tab.ask('{ me { username } }', {}, { signal: unmounted.signal });
    unmounted.abort();
    await expect(one).rejects.toMatchObject({ name: 'AbortError' });
    expect((await tab.ask('{ me { username } }')).errors).toBeUndefined();
    expect(service.wire.count('refresh')).toBe(1);
  });

  test('before the call sends no request', async () => {
    const tab = openTab(service);
    await signUp(tab, service);
    const signal = AbortSignal.abort();
    await expect(tab.ask('{ me { username } }', {}, { signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(service.wire.count('me')).toBe(0);
  });
});

describe('a wrong clock', () => {
  test.each([
    ['an hour ahead', 3600],
    ['an hour behind', -3600],
  ])('that is %s all the time causes no further refresh', async (_name, offsetSeconds) => {
    const clock = deviceClock(service.app, offsetSeconds);
    const tab = openTab(service, { clock });
    await signUp(tab, service);
    await tab.ask('{ me { username } }');
    service.app.clock.advance(1000);
    await tab.ask('{ me { username } }');
    expect(service.wire.passages.map(({ field }) => field)).toEqual(['me', 'refresh', 'me']);
    expect(tab.ends).toEqual([]);
  });

  test.each([
    ['forward', 3600],
    ['back', -3600],
  ])(
    'that is set %s by an hour causes at most one refresh, and does not end the session',
    async (_name, jump) => {
      const clock = deviceClock(service.app);
      const tab = openTab(service, { clock });
      await signUp(tab, service);
      service.app.clock.advance(900);
      await tab.session.accessToken();
      clock.offsetSeconds = jump;
      service.wire.forget();
      for (let count = 0; count < 5; count++) await tab.ask('{ me { username } }');
      expect(service.wire.count('refresh')).toBe(1);
      expect(tab.ends).toEqual([]);
    },
  );
});
