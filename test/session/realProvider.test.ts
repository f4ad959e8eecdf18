import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type OpenIdProvider,
  resource,
  startProvider,
} from '../../packages/guards/test/issuers/openIdProvider.ts';
import { defineServer } from '../../src/defineServer.ts';
import { succeeded } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { findOrMake } from '../support/identities.ts';
import { refusals } from '../support/refusals.ts';
import { app, change, closeApp, openApp, prepare, reset } from './trustedIssuers.ts';

beforeAll(openApp);
afterAll(closeApp);
beforeEach(prepare);
afterEach(reset);

describe('with the provider oidc-provider', () => {
  let provider: OpenIdProvider;
  let served: TestApp;
  beforeAll(async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.spyOn(console, 'info').mockImplementation(() => {});
    provider = await startProvider();
    served = await startApp({
      definition: defineServer({ userOfIssuer: findOrMake }),
      environment: { TRUSTED_ISSUERS: `${provider.issuer} ${resource}` },
      database: app.database,
      clock: { now: new Date(), advance: () => {} },
    });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await served.close();
    await provider.close();
  });

  test('a user who has signed in at the provider has the access that the scopes and the sign-in allow', async () => {
    served.clock.now = new Date();
    const { accessToken, idToken } = await provider.signIn('grace', {
      scope: 'openid items:read audit:read',
    });
    const { me: user } = succeeded(
      await served.ask('{ me { id fullName } }', { token: accessToken }),
    );
    expect(user.fullName).toBe('grace');
    await change(user.id, { isAdmin: true });
    const promote = `mutation { setUserAdmin(id: "${user.id}", admin: true) { id } }`;
    expect(succeeded(await served.ask(promote, { token: accessToken }))).toBeTruthy();
    const log = '{ auditLog(first: 1) { edges { cursor } } }';
    expect(succeeded(await served.ask(log, { token: accessToken }))).toBeTruthy();
    expect(failure(await served.ask(log, { token: idToken }))).toEqual(refusals.invalid);
  });

  test('a client of the provider is a user of its own, who has never signed in', async () => {
    served.clock.now = new Date();
    const token = await provider.clientToken({ scope: 'items:read' });
    expect(succeeded(await served.ask('{ me { fullName } }', { token })).me.fullName).toBe('web');
    expect(failure(await served.ask('mutation { deleteAccount }', { token }))).toEqual(
      refusals.freshRequired,
    );
  });
});
