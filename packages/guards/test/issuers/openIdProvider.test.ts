import { IssuerUnreachable, toSeconds } from '@sallyport/guards';
import { trustIssuers } from '@sallyport/guards/issuers';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OpenIdProvider, resource, startProvider } from './openIdProvider.ts';

let provider: OpenIdProvider;
let verify: (token: string) => Promise<unknown>;
beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.spyOn(console, 'info').mockImplementation(() => {});
  provider = await startProvider();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await provider.close();
});
beforeEach(() => {
  const issuers = trustIssuers([{ issuer: provider.issuer, audience: resource, isTyped: true }]);
  verify = (token) => issuers.verify(token, new Date());
});

test('a client is known by its id, has the scopes that it asked for, and has never signed in', async () => {
  const token = await provider.clientToken({ scope: 'items:read items:write' });
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
  expect(await verify(token)).toEqual({
    token: {
      issuer: provider.issuer,
      subject: 'web',
      scopes: ['items:read', 'items:write'],
      authenticatedAt: null,
      expiresAt: expect.any(Number),
      claims: expect.objectContaining({ client_id: 'web' }),
    },
  });
});

test('a user who has signed in is known by the subject and the time of the sign-in', async () => {
  const before = toSeconds(new Date());
  const { accessToken } = await provider.signIn('ada', { scope: 'openid items:read' });
  const verified = await verify(accessToken);
  expect(verified).toMatchObject({ token: { subject: 'ada', scopes: ['items:read'] } });
  const { authenticatedAt } = (verified as { token: { authenticatedAt: number } }).token;
  expect(authenticatedAt).toBeGreaterThanOrEqual(before);
  expect(authenticatedAt).toBeLessThanOrEqual(toSeconds(new Date()));
});

describe('a resource server of the provider refuses', () => {
  const invalid = { reason: 'TOKEN_INVALID' };

  test('an ID token, also where its audience is trusted and tokens need no type', async () => {
    const { idToken } = await provider.signIn('ada');
    expect(await verify(idToken)).toEqual(invalid);
    const careless = trustIssuers([{ issuer: provider.issuer, audience: ['web', resource] }]);
    expect(await careless.verify(idToken, new Date())).toEqual(invalid);
  });

  test('an access token for another API, and an opaque one', async () => {
    expect(
      await verify(await provider.clientToken({ resource: 'https://other.example.com' })),
    ).toEqual(invalid);
    expect(await verify(await provider.clientToken({ resource: null }))).toEqual(invalid);
  });
});

test('tokens are verified without a restart while the provider changes its key and goes down', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date() });
  const first = await provider.clientToken();
  expect(await verify(first)).toHaveProperty('token');
  await provider.changeKey();
  const second = await provider.clientToken();
  vi.setSystemTime(Date.now() + 31_000);
  expect(await verify(second)).toHaveProperty('token');
  expect(await verify(first)).toEqual({ reason: 'TOKEN_INVALID' });

  await provider.changeKey();
  const third = await provider.clientToken();
  await provider.goDown();
  vi.setSystemTime(Date.now() + 31_000);
  expect(await verify(second)).toHaveProperty('token');
  await expect(verify(third)).rejects.toThrow(IssuerUnreachable);
  await provider.comeBack();
  vi.setSystemTime(Date.now() + 5_000);
  expect(await verify(third)).toHaveProperty('token');
  vi.useRealTimers();
});
