import {
  type Authentication,
  authenticate,
  authGuards,
  createKeyRing,
  createTokens,
  type ForeignToken,
  IssuerUnreachable,
  type LoadedUser,
  type Loaders,
  toSeconds,
} from '@sallyport/guards';
import { trustIssuers } from '@sallyport/guards/issuers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { atMoment } from '../../src/atMoment.ts';
import { audience, startIssuer, type TestIssuer } from './testIssuer.ts';

const now = new Date('2030-01-01T12:00:00Z');
const seconds = toSeconds(now);
const tokens = createTokens({
  keys: createKeyRing({ secret: 'signs the tokens of this test, and no others' }),
  issuer: 'shop',
  audience: 'shop',
  lifeSeconds: { access: 900, refresh: 900 },
  leewaySeconds: 10,
});
const own = () =>
  tokens.signAccess({
    ...{ sub: 'ada', sid: 's', gen: 1, fresh: true },
    ...{ iat: seconds, exp: seconds + 900, auth_time: seconds },
  });

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
  issuer.now = now;
});
afterAll(() => issuer.close());

const issuers = () => trustIssuers([{ issuer: issuer.url, audience }], { leewaySeconds: 20 });
const loaders: Loaders<string> = {
  loadUser: async ({ sub }) => ({ user: `${sub} of our own`, isAdmin: true }),
  loadUserOfIssuer: async (foreign) => ({
    user: `${foreign.subject} of ${foreign.issuer}`,
    isAdmin: false,
  }),
};
const ask = (token: string, change: Partial<Loaders<string>> = {}) =>
  authenticate({ token }, { tokens, issuers: issuers(), now, loaders: { ...loaders, ...change } });
const rejected = (reason: string) => ({ status: 'rejected', error: { reason } });
const { fresh, requiresScopes } = authGuards({ freshSeconds: 300 });
const refusal = (guard: typeof fresh, authentication: Authentication, args = {}) =>
  guard(authentication, args)?.extensions['reason'] ?? null;

test('a token of another issuer authenticates the user whom the loader finds for it', async () => {
  const token = await issuer.sign({ scope: 'items:read', auth_time: seconds - 60, team: 'red' });
  const found = await ask(token);
  expect(found).toEqual({
    status: 'authenticated',
    user: `ada of ${issuer.url}`,
    isAdmin: false,
    scopes: ['items:read'],
    passwordAgeSeconds: 60,
    passwordCheckedAt: seconds - 60,
    expiresAt: seconds + 320,
    claims: null,
    foreign: expect.objectContaining({ issuer: issuer.url, subject: 'ada' }),
  });
});

test('guards judge a token of another issuer by the same rules as our own', async () => {
  const allows = async (claims: object, guard: 'fresh' | 'scopes') => {
    const authentication = await ask(await issuer.sign({ ...claims }));
    return guard === 'fresh'
      ? refusal(fresh, authentication)
      : refusal(requiresScopes.ofCaller as typeof fresh, authentication, { scopes: [['a', 'b']] });
  };
  expect(await allows({ auth_time: seconds - 300 }, 'fresh')).toBeNull();
  expect(await allows({ auth_time: seconds - 301 }, 'fresh')).toBe('FRESH_TOKEN_REQUIRED');
  expect(await allows({}, 'fresh')).toBe('FRESH_TOKEN_REQUIRED');
  expect(await allows({ scope: 'b a' }, 'scopes')).toBeNull();
  expect(await allows({ scope: 'a' }, 'scopes')).toBe('SCOPE_REQUIRED');
  expect(await allows({}, 'scopes')).toBe('SCOPE_REQUIRED');
});

test('each event of a subscription is judged by the expiry of the token and the age of the sign-in', async () => {
  const authentication = await ask(await issuer.sign({ auth_time: seconds }));
  expect(refusal(fresh, atMoment(authentication, seconds + 300))).toBeNull();
  expect(refusal(fresh, atMoment(authentication, seconds + 301))).toBe('FRESH_TOKEN_REQUIRED');
  expect(atMoment(authentication, seconds + 319)).toMatchObject({ status: 'authenticated' });
  expect(atMoment(authentication, seconds + 320)).toMatchObject(rejected('TOKEN_EXPIRED'));
});

test('the loader may map the scopes of the issuer, and decide who is an administrator', async () => {
  const loadUserOfIssuer = async ({ claims }: ForeignToken) => ({
    user: 'ada',
    isAdmin: true,
    scopes: [claims['role'] === 'clerk' ? 'items:write' : 'items:read'],
  });
  expect(await ask(await issuer.sign({ role: 'clerk' }), { loadUserOfIssuer })).toMatchObject({
    isAdmin: true,
    scopes: ['items:write'],
  });
});

describe('authentication with a token of another issuer fails', () => {
  test.each<[string, LoadedUser<string>, string]>([
    ['when the loader returns USER_NOT_FOUND', { reason: 'USER_NOT_FOUND' }, 'USER_NOT_FOUND'],
    ['when the loader returns USER_INACTIVE', { reason: 'USER_INACTIVE' }, 'USER_INACTIVE'],
    [
      'when the loader returns null as the user',
      { user: null as never, isAdmin: true },
      'USER_NOT_FOUND',
    ],
  ])('%s', async (_who, loaded, reason) => {
    const loadUserOfIssuer = async () => loaded;
    expect(await ask(await issuer.sign(), { loadUserOfIssuer })).toMatchObject(rejected(reason));
  });

  test('without a loader, or without issuers', async () => {
    const token = await issuer.sign();
    const without = { loadUser: loaders.loadUser };
    const bearer = { token };
    expect(
      await authenticate(bearer, { tokens, issuers: issuers(), now, loaders: without }),
    ).toMatchObject(rejected('TOKEN_INVALID'));
    expect(await authenticate(bearer, { tokens, now, loaders })).toMatchObject(
      rejected('TOKEN_INVALID'),
    );
  });

  test('with an invalid token, and the loader is not called', async () => {
    const loadUserOfIssuer = vi.fn();
    const change = { loadUserOfIssuer };
    const expired = await issuer.sign({ exp: seconds - 20 });
    expect(await ask(expired, change)).toMatchObject(rejected('TOKEN_EXPIRED'));
    const unknown = await issuer.sign({ iss: 'https://evil.example.com' });
    expect(await ask(unknown, change)).toMatchObject(rejected('TOKEN_INVALID'));
    // Our name in a token of theirs has it judged by our keys.
    const ours = await issuer.sign({ iss: 'shop', aud: 'shop' });
    expect(await ask(ours, change)).toMatchObject(rejected('TOKEN_INVALID'));
    expect(loadUserOfIssuer).not.toHaveBeenCalled();
  });
});

test('our own tokens, valid or not, are not verified by an issuer', async () => {
  const verify = vi.fn();
  const watched = { ...issuers(), verify };
  const settings = { tokens, issuers: watched, now, loaders };
  expect(await authenticate({ token: own() }, settings)).toMatchObject({
    user: 'ada of our own',
    scopes: 'all',
  });
  const later = { ...settings, now: new Date(now.getTime() + 910_000) };
  expect(await authenticate({ token: own() }, later)).toMatchObject(rejected('TOKEN_EXPIRED'));
  const [header, payload] = own().split('.');
  expect(await authenticate({ token: `${header}.${payload}.x` }, settings)).toMatchObject(
    rejected('TOKEN_INVALID'),
  );
  expect(await authenticate('absent', settings)).toEqual({ status: 'anonymous' });
  expect(await authenticate('malformed', settings)).toMatchObject(rejected('TOKEN_INVALID'));
  expect(verify).not.toHaveBeenCalled();
});

test('a server may have no tokens of its own', async () => {
  const settings = { issuers: issuers(), now, loaders };
  const token = await issuer.sign();
  expect(await authenticate({ token }, settings)).toMatchObject({ user: `ada of ${issuer.url}` });
  expect(await authenticate({ token: own() }, settings)).toMatchObject(rejected('TOKEN_INVALID'));
});

test('authenticate throws when an issuer is down, and our own tokens stay valid', async () => {
  issuer.answer = (_request, response) => response.writeHead(503).end();
  const settings = { tokens, issuers: issuers(), now, loaders };
  await expect(authenticate({ token: await issuer.sign() }, settings)).rejects.toThrow(
    IssuerUnreachable,
  );
  expect(await authenticate({ token: own() }, settings)).toMatchObject({ status: 'authenticated' });
  issuer.answer = null;
});
