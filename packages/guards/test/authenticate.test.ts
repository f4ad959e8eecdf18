import { generateKeyPairSync } from 'node:crypto';
import {
  authenticate,
  createApiToken,
  createKeyRing,
  createTokens,
  type LoadedUser,
  type Loaders,
  toSeconds,
} from '@sallyport/guards';
import { describe, expect, test } from 'vitest';

const now = new Date('2026-05-01T12:00:00Z');

const tokens = createTokens({
  keys: createKeyRing({ secret: 'signs the tokens of this test, and no others' }),
  issuer: 'shop',
  audience: 'shop',
  lifeSeconds: { access: 900, refresh: 900 },
  leewaySeconds: 10,
});

function authenticateApiToken(loaders: Partial<Loaders<string>>) {
  const loadUser = async () => ({ reason: 'USER_NOT_FOUND' }) as const;
  const bearer = { token: createApiToken().token };
  return authenticate(bearer, { tokens, now, loaders: { loadUser, ...loaders } });
}

test('an API token authenticates the user whom the loader finds by the hash of the token', async () => {
  const loadUserOfApiToken = async (hash: Buffer) => {
    expect(hash).toHaveLength(32);
    return { user: 'ada', isAdmin: true };
  };
  expect(await authenticateApiToken({ loadUserOfApiToken })).toEqual({
    status: 'authenticated',
    user: 'ada',
    isAdmin: true,
    passwordAgeSeconds: null,
    scopes: [],
    claims: null,
  });
});

test('an API token is invalid on a server that has no loader for API tokens', async () => {
  expect(await authenticateApiToken({})).toMatchObject({
    status: 'rejected',
    error: { reason: 'TOKEN_INVALID' },
  });
});

describe('a loader that returns no user authenticates no caller', () => {
  const notFound = { status: 'rejected', error: { reason: 'USER_NOT_FOUND' } };

  test.each([undefined, null])('%s, for an access token and for an API token', async (user) => {
    const load = async () => ({ user, isAdmin: true }) as unknown as LoadedUser<string>;
    const seconds = toSeconds(now);
    const claims = { sub: '1', sid: 's', gen: 1, fresh: true };
    const token = tokens.signAccess({
      ...claims,
      iat: seconds,
      exp: seconds + 900,
      auth_time: seconds,
    });
    const loaders = { loadUser: load };
    expect(await authenticate({ token }, { tokens, now, loaders })).toMatchObject(notFound);
    expect(await authenticateApiToken({ loadUserOfApiToken: load })).toMatchObject(notFound);
  });

  test('a loader that may return no user does not compile', () => {
    const users = new Map<string, { name: string }>();
    const loaders: Loaders<{ name: string }> = {
      // @ts-expect-error What a map returns may be undefined.
      loadUser: async ({ sub }) => ({ user: users.get(sub), isAdmin: false }),
    };
    const inferred = () =>
      authenticate('absent', {
        tokens,
        now,
        // @ts-expect-error Nor where the type of the user is inferred.
        loaders: { loadUser: async ({ sub }) => ({ user: users.get(sub), isAdmin: false }) },
      });
    expect([loaders, inferred]).toHaveLength(2);
  });

  test.each(['', 0, false])('the user %j is authenticated', async (user) => {
    const loadUserOfApiToken = async () =>
      ({ user, isAdmin: false }) as unknown as LoadedUser<string>;
    expect(await authenticateApiToken({ loadUserOfApiToken })).toMatchObject({ user });
  });
});

test('the age of the password check is counted from the check, not from the creation of the token', async () => {
  const seconds = toSeconds(now);
  const times = { iat: seconds - 10, exp: seconds + 890, auth_time: seconds - 100 };
  const token = tokens.signAccess({ sub: '1', sid: 's', gen: 1, ...times, fresh: true });
  const loadUser = async () => ({ user: 'ada', isAdmin: false });
  expect(await authenticate({ token }, { tokens, now, loaders: { loadUser } })).toMatchObject({
    passwordAgeSeconds: 100,
    passwordCheckedAt: seconds - 100,
    expiresAt: seconds + 900,
  });
});

test('a previous or announced private key signs no token', () => {
  const pem = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }) as string;
  const { signing, verifying } = createKeyRing({
    secret: 'signs the tokens of this test, and no others',
    privateKey: pem(),
    previousPrivateKey: pem(),
    nextPrivateKey: pem(),
  });
  const signers = [...verifying.values()].filter(({ signingKey }) => signingKey !== null);
  expect(signers).toEqual([signing.access, signing.refresh]);
});
