import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { audience } from '../../packages/guards/test/issuers/testIssuer.ts';
import { defineServer } from '../../src/defineServer.ts';
import { register, succeeded } from '../support/account.ts';
import { failure, startApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import {
  app,
  called,
  closeApp,
  definition,
  entriesOf,
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

describe('a token of a trusted issuer', () => {
  test('has the user whom the loader makes at the first request, and finds at the next', async () => {
    const found = await me(await sign({ sub: 'ada' }));
    expect(found).toEqual({ id: expect.any(String), fullName: 'ada' });
    expect(await me(await sign({ sub: 'ada' }))).toEqual(found);
    expect(await entriesOf(found.id)).toMatchObject([
      { event: 'REGISTERED', actorId: found.id, sessionId: null, issuer: issuer.url },
    ]);
  });

  test('makes one user in 20 first requests at the same time', async () => {
    const token = await sign({ sub: 'at-once' });
    const all = await Promise.all(Array.from({ length: 20 }, () => me(token)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await entriesOf(all[0].id)).toHaveLength(1);
  });

  test('has another user than a token of another issuer with the same subject', async () => {
    const [ours, theirs] = [
      await me(await sign({ sub: 'eve' })),
      await me(await other.sign({ sub: 'eve' })),
    ];
    expect(ours.id).not.toBe(theirs.id);
  });

  test('has its issuer in the log, and no part of the token', async () => {
    app.logLines.length = 0;
    const token = await sign({ sub: 'secret-subject' });
    const { id } = await me(token);
    const log = app.logLines.join('');
    const line = app.logLines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'request');
    expect(line).toMatchObject({ userId: id, issuer: issuer.url });
    expect(line).not.toHaveProperty('sessionId');
    for (const part of [...token.split('.'), 'secret-subject']) expect(log).not.toContain(part);
  });

  test('has its user loaded by GET as by POST, and not for a public field', async () => {
    const authorization = `Bearer ${await sign({ sub: 'get' })}`;
    const answer = await app.inject({
      url: `/graphql?query=${encodeURIComponent('{ me { fullName } }')}`,
      headers: { authorization, accept: 'application/json' },
    });
    expect(answer.json()).toEqual({ data: { me: { fullName: 'get' } } });
    called.userOfIssuer = vi.fn();
    expect(succeeded(await app.ask('{ serverTime }', { token: await sign() }))).toBeTruthy();
    expect(called.userOfIssuer).not.toHaveBeenCalled();
  });
});

test('the issuers in the context verify the given token, not the token of the caller', async () => {
  const verdicts: unknown[] = [];
  const given = [`${await sign()}x`, await sign({ sub: 'eve' })];
  called.useContext = async ({ issuers, now }) => {
    for (const token of given) verdicts.push(await issuers?.verify(token, now));
  };
  await me(await sign({ sub: 'ada' }));
  expect(verdicts).toMatchObject([{ reason: 'TOKEN_INVALID' }, { token: { subject: 'eve' } }]);
});

describe('TOKEN_INVALID is the reason for', () => {
  test.each<[string, () => Promise<string>]>([
    ['a token of an issuer that is not trusted', () => sign({ iss: 'https://evil.example.com' })],
    [
      'a token that an issuer signs in the name of this server',
      () => sign({ iss: 'sallyport', aud: 'sallyport' }),
    ],
    ['a token that an issuer signs in the name of another', () => sign({ iss: other.url })],
    ['a token for another audience', () => sign({ aud: 'sallyport' })],
    ['an ID token', () => issuer.sign({ nonce: 'x' }, { typ: 'JWT' })],
    ['a token whose issuer has a slash more', () => sign({ iss: `${issuer.url}/` })],
  ])('%s', async (_what, make) => {
    expect(failure(await app.ask('{ me { id } }', { token: await make() }))).toEqual(
      refusals.invalid,
    );
  });

  test('two Authorization headers with valid tokens', async () => {
    const url = await app.http.listen({ host: '127.0.0.1', port: 0 });
    const { accessToken } = await register(app);
    const { request } = await import('node:http');
    const token = await sign();
    const answer = await new Promise<string>((resolve, reject) => {
      const sent = request(`${url}/graphql`, { method: 'POST' }, (response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject);
      sent.setHeader('content-type', 'application/json');
      sent.setHeader('authorization', [`Bearer ${accessToken}`, `Bearer ${token}`] as never);
      sent.end(JSON.stringify({ query: '{ me { id } }' }));
    });
    expect(answer).toContain('TOKEN_INVALID');
  });

  test('a token of another issuer in the access cookie', async () => {
    const headers = {
      cookie: `sallyport_access=${await sign()}`,
      host: 'localhost',
      'sec-fetch-site': 'same-origin',
    };
    expect(failure(await app.ask('{ me { id } }', { headers }))).toMatchObject({
      reason: 'TOKEN_INVALID',
    });
  });
});

test('a server with TRUSTED_ISSUERS and without a loader does not start', async () => {
  const environment = { TRUSTED_ISSUERS: `${issuer.url} ${audience}` };
  await expect(startApp({ environment, definition: defineServer() })).rejects.toThrow(
    'TRUSTED_ISSUERS is set, and nothing says whose tokens those are: give defineServer a userOfIssuer.',
  );
  expect(() => defineServer({ userOfIssuer: 'ada' as never })).toThrow(
    new TypeError('defineServer: userOfIssuer must be a function of a token.'),
  );
});

test('a loader without TRUSTED_ISSUERS is never called', async () => {
  called.userOfIssuer = vi.fn();
  const plain = await startApp({ definition, database: app.database });
  const answer = await plain.ask('{ me { id } }', { token: await sign() });
  expect(failure(answer)).toEqual(refusals.invalid);
  expect(called.userOfIssuer).not.toHaveBeenCalled();
  await plain.close();
});
