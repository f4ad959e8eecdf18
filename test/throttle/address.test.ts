import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { clientNetworkOf, homeNetworkOf } from '../../src/throttle/networkOf.ts';
import { failure, password, secretKey, type TestApp } from '../support/app.ts';
import { openTestDatabase } from '../support/database.ts';
import { refusals } from '../support/refusals.ts';
import {
  advance,
  countFailedSignIns,
  limited,
  type SignIn,
  send,
  signIn,
  startAppInFrozenTime,
} from './frozenTime.ts';

type Origin = Pick<SignIn, 'from' | 'forwardedFor'>;

let opened: Awaited<ReturnType<typeof openTestDatabase>>;
let app: TestApp;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(async () => {
  await opened.close();
  vi.useRealTimers();
});

async function start(environment: Record<string, string>): Promise<void> {
  app = await startAppInFrozenTime({ environment, database: opened.database });
  onTestFinished(async () => {
    await app.close();
    // The next test finds every address with nothing counted.
    advance(3600);
  });
}

/** Signs in with a name of its own, because accounts have a limit too. */
async function attempt(origin: Origin) {
  return failure(await signIn(app, { username: `nobody-${randomUUID()}`, ...origin }));
}

async function attempts(count: number, originOf: (index: number) => Origin): Promise<void> {
  for (let index = 0; index < count; index++) {
    expect(await attempt(originOf(index))).toEqual(refusals.invalidCredentials);
  }
}

async function register(origin: Origin, username = `user-${randomUUID()}`) {
  const query = `mutation ($u: String!, $p: String!) { register(username: $u, password: $p) { fresh } }`;
  return send(app, { query, variables: { u: username, p: password } }, origin);
}

test('an address has 30 sign-ins a minute and 20 registrations an hour, unless it is set otherwise', () => {
  const { rateLimits } = loadConfig({ JWT_SECRET_KEY: secretKey });
  expect(rateLimits).toEqual({ account: 5, signIn: 30, register: 20 });
});

describe('an address', () => {
  const from = '192.0.2.1';

  test('has 30 sign-ins a minute, with any usernames', async () => {
    await start({ RATE_LIMIT_SIGN_IN: '30' });
    const before = await countFailedSignIns(app);
    await attempts(29, () => ({ from }));
    advance(59);
    await attempts(1, () => ({ from }));
    expect(await attempt({ from })).toEqual(limited(1));
    expect(await countFailedSignIns(app)).toBe(before + 30);
    await attempts(1, () => ({ from: '192.0.2.2' }));
    advance(1);
    await attempts(1, () => ({ from }));
  });

  test('has 20 registrations an hour', async () => {
    await start({ RATE_LIMIT_REGISTER: '20' });
    for (let count = 0; count < 20; count++) expect((await register({ from })).errors).toEqual([]);
    expect(failure(await register({ from }))).toEqual(limited(3600));
    expect((await register({ from: '192.0.2.2' })).errors).toEqual([]);
    advance(3599);
    expect(failure(await register({ from }))).toEqual(limited(1));
    advance(1);
    expect((await register({ from })).errors).toEqual([]);
  });

  test('that is refused leaves no account behind', async () => {
    await start({ RATE_LIMIT_REGISTER: '1' });
    await register({ from });
    const username = `user-${randomUUID()}`;
    expect(failure(await register({ from }, username))).toEqual(limited(3600));
    expect((await register({ from: '192.0.2.2' }, username)).errors).toEqual([]);
  });

  test.each([1, 3])('has %i sign-ins and registrations where that is set', async (limit) => {
    await start({ RATE_LIMIT_SIGN_IN: String(limit), RATE_LIMIT_REGISTER: String(limit) });
    await attempts(limit, () => ({ from }));
    expect(await attempt({ from })).toEqual(limited(60));
    for (let count = 0; count < limit; count++) await register({ from });
    expect(failure(await register({ from }))).toEqual(limited(3600));
  });

  test('has any number of sign-ins and registrations where the limit is 0', async () => {
    await start({ RATE_LIMIT_SIGN_IN: '0', RATE_LIMIT_REGISTER: '0' });
    await attempts(35, () => ({ from }));
    for (let count = 0; count < 25; count++) expect((await register({ from })).errors).toEqual([]);
  });

  test('of IPv6 shares its limit with its network of 64 bits, and with no larger network', async () => {
    await start({ RATE_LIMIT_SIGN_IN: '3' });
    await attempts(3, (index) => ({ from: `2001:db8:0:1:${index}::${index}` }));
    expect(await attempt({ from: '2001:db8:0:1:ffff:ffff:ffff:ffff' })).toEqual(limited(60));
    await attempts(1, () => ({ from: '2001:db8:0:2::1' }));
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1', '192.0.2.0/24'],
  ['::ffff:192.0.2.1', '192.0.2.1', '192.0.2.0/24'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:0DB8:0:0:ffff::', '2001:db8::/64', '2001:db8::/48'],
  ['fe80::1%eth0', 'fe80::/64', 'fe80::/48'],
  ['no address', 'no address', 'no address'],
])('%s is the client %s of the network %s', (address, client, network) => {
  expect([clientNetworkOf(address), homeNetworkOf(address)]).toEqual([client, network]);
});

describe('X-Forwarded-For', () => {
  const proxy = '10.0.0.1';

  test('of an unknown sender is ignored, so rotating it does not help', async () => {
    await start({ RATE_LIMIT_SIGN_IN: '3' });
    const originOf = (index: number) => ({ from: proxy, forwardedFor: `192.0.2.${index}` });
    await attempts(3, originOf);
    expect(await attempt(originOf(4))).toEqual(limited(60));
  });

  test('of a sender other than the trusted proxy is ignored', async () => {
    await start({ RATE_LIMIT_SIGN_IN: '3', TRUST_PROXY: proxy });
    const originOf = (index: number) => ({ from: '10.0.0.2', forwardedFor: `192.0.2.${index}` });
    await attempts(3, originOf);
    expect(await attempt(originOf(4))).toEqual(limited(60));
  });

  test('of the trusted proxy distinguishes clients', async () => {
    await start({ RATE_LIMIT_SIGN_IN: '3', TRUST_PROXY: proxy });
    await attempts(6, (index) => ({ from: proxy, forwardedFor: `192.0.2.${index % 2}` }));
    for (const forwardedFor of ['192.0.2.0', '192.0.2.1']) {
      expect(await attempt({ from: proxy, forwardedFor })).toEqual(limited(60));
    }
  });

  test.each([
    ['one proxy', '', proxy],
    ['two proxies', ', 10.0.0.2', '10.0.0.0/8'],
    ['two proxies of which one has IPv6', ', 2001:db8::2', `${proxy},2001:db8::/32`],
  ])(
    'behind %s counts the right-most address that is no proxy, whatever precedes it',
    async (_what, suffix, trusted) => {
      await start({ RATE_LIMIT_SIGN_IN: '3', TRUST_PROXY: trusted });
      const originOf = (index: number) => ({
        from: proxy,
        forwardedFor: `198.51.100.${index}, 10.0.0.${index + 10}, 203.0.113.7${suffix}`,
      });
      await attempts(3, originOf);
      expect(await attempt(originOf(4))).toEqual(limited(60));
      expect(await attempt({ from: '203.0.113.7' })).toEqual(limited(60));
    },
  );
});
