import { createKeyRing } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../src/user/table.ts';
import { type Account, claimsOf, register, succeeded } from '../support/account.ts';
import { secretKey, startApp, stoppedClock, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { expectRefused } from './expectRefused.ts';
import { headerOf, mintToken } from './mintToken.ts';
import { untouchableDatabase } from './untouchableDatabase.ts';

type Claims = Readonly<Record<string, unknown>>;

const { verifyingKey: key } = createKeyRing({ secret: secretKey }).signing.access;
const now = Math.floor(stoppedClock().now.getTime() / 1000);
const elsewhere = 'a3bb189e-8bf9-4888-9912-ace4e6543002';

let app: TestApp;
/** The same server, but whoever asks its database fails. */
let offline: TestApp;
let account: Account;
let header: Claims;
let good: Claims;
beforeAll(async () => {
  app = await startApp();
  offline = await startApp({ database: untouchableDatabase });
  account = await register(app);
  header = headerOf(account.accessToken);
  good = claimsOf(account.accessToken);
});
afterAll(async () => {
  await offline.close();
  await app.close();
});

const mint = (claims: unknown, otherHeader: object = {}) =>
  mintToken({ header: { ...header, ...otherHeader }, claims, key });

async function expectAccepted(token: string, server = app) {
  const { me } = succeeded(await server.ask('{ me { id } }', { token }));
  expect(me).toEqual({ id: claimsOf(token)['sub'] });
}

/** A server on the same database whose clock is elsewhere. */
async function at(seconds: number, act: (server: TestApp) => Promise<void>) {
  const clock = stoppedClock();
  clock.now = new Date(seconds * 1000);
  const server = await startApp({ database: app.database, clock });
  await act(server).finally(server.close);
}

test('an access token has the claims of its user, session, audience and times', () => {
  expect(header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: expect.any(String) });
  expect(good).toEqual({
    iss: 'sallyport',
    aud: 'sallyport',
    sub: expect.any(String),
    sid: expect.any(String),
    gen: 1,
    jti: expect.any(String),
    iat: now,
    exp: now + 900,
    auth_time: now,
    fresh: true,
  });
});

describe('a correctly signed access token is invalid, and the database is not asked, when', () => {
  test.each<[string, (claims: Claims) => unknown]>([
    ['its payload is not JSON', () => 'not JSON'],
    ['its payload is text', () => '"sub"'],
    ['its payload is a number', () => 1],
    ['its payload is null', () => null],
    ['its payload is a list of claims', (claims) => [claims]],
    ['its payload has no claims', () => ({})],
    ['its exp is too great for a number', (claims) => withText(claims, 'exp', '1e400')],
    ['its exp is written as a power', (claims) => withText(claims, 'exp', '19e99')],
    ['its iat is too small for a number', (claims) => withText(claims, 'iat', '-1e400')],
  ])('%s', async (_fact, change) => {
    await expectRefused(offline, mint(change(good)), refusals.invalid);
  });

  const anything = [undefined, null, '', 0, 1, 1234, -1, 1.5, 'x', '1', true, false, [], {}];
  const notText = anything.filter((value) => typeof value !== 'string' || value === '');
  const notWhole = anything.filter((value) => typeof value !== 'number' || value < 0 || value % 1);
  test.each<[string, unknown[]]>([
    ['iss', [...anything, 'Sallyport', 'sallyport ', 'https://other.example', ['sallyport']]],
    ['aud', [...anything, 'Sallyport', 'other', ['sallyport'], ['sallyport', 'other']]],
    ['sub', notText],
    ['sid', notText],
    ['jti', notText],
    ['gen', [...notWhole, 2 ** 53]],
    ['iat', [...notWhole, now + 0.5, String(now), -now]],
    ['exp', [...notWhole, now + 0.5, String(now + 900), -now, 2 ** 53, [now + 900]]],
    ['auth_time', [...notWhole, now - 0.5, String(now), -now]],
    ['fresh', [undefined, null, 0, 1, now, '', 'true', 'false', [], {}]],
  ])('its %s is missing, or of a wrong kind or value', async (name, values) => {
    for (const value of values) {
      await expectRefused(offline, mint({ ...good, [name]: value }), refusals.invalid);
    }
  });

  test.each<[string, Claims]>([
    ['it is from 61 s in the future', { iat: now + 61, exp: now + 900 }],
    ['it lives a second longer than the server lets tokens live', { exp: now + 901 }],
    ['it lives for years', { exp: now + 100_000_000 }],
    ['it was made long ago for years', { iat: now - 100_000_000, exp: now + 900 }],
    ['it is not to be used for another 30 s', { nbf: now + 30 }],
    ['its nbf is text', { nbf: 'soon' }],
  ])('%s', async (_fact, change) => {
    await expectRefused(offline, mint({ ...good, ...change }), refusals.invalid);
  });
});

describe('an access token is accepted when', () => {
  test.each<[string, Claims]>([
    ['it is from 60 s in the future', { iat: now + 60, exp: now + 960 }],
    ['it lives exactly as long as the server lets tokens live', { iat: now, exp: now + 900 }],
    ['it has claims that the server does not know', { scope: 'admin', isAdmin: true }],
    ['it was to be used from now on', { nbf: now }],
  ])('%s', async (_fact, change) => {
    await expectAccepted(mint({ ...good, ...change }));
  });

  test('its issuer and audience are the configured ones', async () => {
    const environment = { JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'shop' };
    const server = await startApp({ environment, database: app.database });
    const claims = { ...good, iss: 'https://id.example', aud: 'shop' };
    await expectAccepted(mint(claims), server);
    await expectRefused(server, account.accessToken, refusals.invalid);
    await expectRefused(server, mint({ ...claims, aud: 'sallyport' }), refusals.invalid);
    await expectRefused(server, mint({ ...claims, iss: 'sallyport' }), refusals.invalid);
    await server.close();
  });
});

test('a leeway of more than a minute holds for tokens from the future too', async () => {
  const environment = { JWT_LEEWAY: '120' };
  const server = await startApp({ environment, database: app.database, clock: stoppedClock() });
  await expectAccepted(mint({ ...good, iat: now + 120, exp: now + 1020 }), server);
  await expectRefused(server, mint({ ...good, iat: now + 121, exp: now + 1021 }), refusals.invalid);
  await server.close();
});

describe('an access token that expires', () => {
  const exp = now + 900;

  test.each([-1, 0, 9])('is accepted %i s after its expiry', async (seconds) => {
    await at(exp + seconds, (server) => expectAccepted(account.accessToken, server));
  });

  test.each([10, 11, 86_400])('is expired %i s after its expiry', async (seconds) => {
    await at(exp + seconds, async (server) => {
      await expectRefused(server, account.accessToken, refusals.expired);
    });
  });

  test('expires to the second when no leeway is given', async () => {
    const environment = { JWT_LEEWAY: '0' };
    const clock = stoppedClock();
    const server = await startApp({ environment, database: app.database, clock });
    await expectRefused(server, mint({ ...good, iat: now + 61 }), refusals.invalid);
    await expectAccepted(mint({ ...good, iat: now + 60, exp: now + 960 }), server);
    clock.now = new Date((exp - 1) * 1000);
    await expectAccepted(account.accessToken, server);
    clock.now = new Date(exp * 1000);
    await expectRefused(server, account.accessToken, refusals.expired);
    await server.close();
  });

  test('costs no query', async () => {
    const long = { ...good, iat: now - 1000, exp: now - 100 };
    await expectRefused(offline, mint(long), refusals.expired);
  });

  const old = { iat: now - 1000, exp: now - 100 };
  test.each<[string, () => string]>([
    ['a bad signature', () => `${mint({ ...good, ...old }).slice(0, -10)}AAAAAAAAAA`],
    ['another issuer', () => mint({ ...good, ...old, iss: 'other' })],
    ['another audience', () => mint({ ...good, ...old, aud: 'other' })],
    ['no subject', () => mint({ ...good, ...old, sub: undefined })],
    ['no freshness', () => mint({ ...good, ...old, fresh: undefined })],
    ['too long a life', () => mint({ ...good, ...old, iat: now - 1001 })],
    ['another typ', () => mint({ ...good, ...old }, { typ: 'JWT' })],
    ['an unknown kid', () => mint({ ...good, ...old }, { kid: 'unknown' })],
  ])('with %s is invalid, not expired', async (_fact, make) => {
    await expectRefused(offline, make(), refusals.invalid);
  });
});

describe('a refresh token in the place of an access token', () => {
  test('is of the wrong type, and costs no query', async () => {
    await expectRefused(offline, account.refreshToken, refusals.wrongType);
  });

  test('is expired after its expiry', async () => {
    const { exp } = claimsOf(account.refreshToken);
    await at(Number(exp) + 10, async (server) => {
      await expectRefused(server, account.refreshToken, refusals.expired);
    });
  });
});

describe('an access token that is otherwise valid', () => {
  test.each<[string, Claims, object]>([
    ['a user who does not exist', { sub: elsewhere }, refusals.userNotFound],
    ['a user that is no UUID', { sub: 'nobody' }, refusals.userNotFound],
    ['a user with a NUL in it', { sub: 'no\0body' }, refusals.userNotFound],
    ['a user and session that do not exist', { sub: 'x', sid: 'x' }, refusals.userNotFound],
    ['a session that does not exist', { sid: elsewhere }, refusals.revoked],
  ])('with %s is refused', async (_fact, change, refusal) => {
    await expectRefused(app, mint({ ...good, ...change }), refusal);
  });

  test('with the session of another user is revoked', async () => {
    const { sid } = claimsOf((await register(app)).accessToken);
    await expectRefused(app, mint({ ...good, sid }), refusals.revoked);
  });

  test('is revoked once its session has ended', async () => {
    const { accessToken, refreshToken } = await register(app);
    await expectAccepted(accessToken);
    const variables = { token: refreshToken };
    await app.ask('mutation ($token: String) { logout(refreshToken: $token) }', { variables });
    await expectRefused(app, accessToken, refusals.revoked);
  });

  test('is refused with the reason that its user is disabled, or deleted', async () => {
    const { accessToken, username } = await register(app);
    const user = eq(users.username, username);
    await app.database.update(users).set({ active: false }).where(user);
    await expectRefused(app, accessToken, refusals.userInactive);
    await app.database.delete(users).where(user);
    await expectRefused(app, accessToken, refusals.userNotFound);
  });

  test('is refused for its ended session before its disabled user', async () => {
    const { accessToken, username } = await register(app);
    await app.ask('mutation { logout }', { token: accessToken });
    await app.database.update(users).set({ active: false }).where(eq(users.username, username));
    await expectRefused(app, accessToken, refusals.revoked);
  });
});

/** The claims as JSON, with a number that JSON.stringify would not write. */
function withText(claims: Claims, name: string, text: string): string {
  return JSON.stringify({ ...claims, [name]: '?' }).replace('"?"', text);
}
