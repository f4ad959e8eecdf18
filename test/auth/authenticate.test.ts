import { expect, test } from 'vitest';
import {
  authenticate,
  createApiToken,
  createKeyRing,
  createTokens,
  type Loaders,
} from '../../src/auth/index.ts';
import { secretKey } from '../support/app.ts';

const tokens = createTokens({
  keys: createKeyRing({ secret: secretKey }),
  issuer: 'shop',
  audience: 'shop',
  lifeSeconds: { access: 900, refresh: 900 },
  leewaySeconds: 10,
});

function authenticateApiToken(loaders: Partial<Loaders<string>>) {
  const loadUser = async () => ({ reason: 'USER_NOT_FOUND' }) as const;
  const bearer = { token: createApiToken().token };
  return authenticate(bearer, { tokens, now: new Date(), loaders: { loadUser, ...loaders } });
}

test('an API token is that of the user whom the loader finds by its hash', async () => {
  const loadUserOfApiToken = async (hash: Buffer) => {
    expect(hash).toHaveLength(32);
    return { user: 'ada', isAdmin: true };
  };
  expect(await authenticateApiToken({ loadUserOfApiToken })).toEqual({
    status: 'authenticated',
    user: 'ada',
    isAdmin: true,
    passwordAgeSeconds: null,
    claims: null,
  });
});

test('an API token is invalid on a server that has no loader for it', async () => {
  expect(await authenticateApiToken({})).toMatchObject({
    status: 'rejected',
    error: { reason: 'TOKEN_INVALID' },
  });
});
