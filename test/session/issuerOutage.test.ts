import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { audience, startIssuer } from '../../packages/guards/test/issuers/testIssuer.ts';
import { defineServer } from '../../src/defineServer.ts';
import { register, succeeded } from '../support/account.ts';
import { failure, startApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { findOrMake } from '../support/identities.ts';
import {
  app,
  closeApp,
  issuer,
  me,
  openApp,
  other,
  prepare,
  reset,
  sign,
} from './trustedIssuers.ts';

beforeAll(openApp);
afterAll(closeApp);
beforeEach(prepare);
afterEach(reset);

describe('an issuer that is down', () => {
  test('gives a 503 to tokens with an unknown key, and does not affect others', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const known = await sign({ sub: 'known' });
    expect(await me(known)).toMatchObject({ fullName: 'known' });
    issuer.answer = (_request, response) => response.writeHead(502).end();
    vi.setSystemTime(Date.now() + 31_000);
    const unknown = await issuer.sign({ sub: 'known' }, { kid: 'unknown' });
    app.logLines.length = 0;
    const answer = await app.ask('{ me { id } }', { token: unknown });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(failure(answer)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(app.logLines.join('')).toContain(`The keys of ${issuer.url} cannot be loaded.`);
    expect(await me(known)).toMatchObject({ fullName: 'known' });
    expect(await me(await other.sign({ sub: 'known' }))).toMatchObject({ fullName: 'known' });
    const { accessToken } = await register(app);
    expect(await me(accessToken)).toBeTruthy();
    expect(succeeded(await app.ask('{ serverTime }', { token: unknown }))).toBeTruthy();
  });

  test('causes a warning at the start of the server, and its tokens are valid once it is up again', async () => {
    const late = await startIssuer();
    late.now = app.clock.now;
    late.answer = (_request, response) => response.writeHead(502).end();
    const started = await startApp({
      definition: defineServer({ userOfIssuer: findOrMake }),
      environment: { TRUSTED_ISSUERS: `${late.url} ${audience}` },
      database: app.database,
    });
    await eventually(() => {
      const line = started.logLines
        .map((text) => JSON.parse(text))
        .find(({ level }) => level === 40);
      expect(line).toMatchObject({
        issuer: late.url,
        msg: 'the keys of an issuer cannot be loaded: its tokens cannot be verified yet',
      });
    });
    late.answer = null;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5_000 });
    const { data } = await started.ask('{ me { fullName } }', { token: await late.sign() });
    expect(data.me).toEqual({ fullName: 'ada' });
    vi.useRealTimers();
    await started.close();
    await late.close();
  });
});
