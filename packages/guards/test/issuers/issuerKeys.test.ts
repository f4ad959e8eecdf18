import { IssuerUnreachable } from '@sallyport/guards';
import { trustIssuers } from '@sallyport/guards/issuers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { audience, configuration, makeKey, startIssuer, type TestIssuer } from './testIssuer.ts';

// Only the clock stands still: requests and their time limits go on.
const start = new Date('2030-01-01T12:00:00Z');
const advance = (seconds: number) => {
  vi.setSystemTime(Date.now() + seconds * 1000);
  issuer.now = new Date();
};

let issuer: TestIssuer;
let verify: (token?: string) => Promise<unknown>;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  issuer = await startIssuer();
  issuer.now = start;
  const issuers = trustIssuers([{ issuer: issuer.url, audience }]);
  verify = async (token) => {
    try {
      const verified = await issuers.verify(token ?? (await issuer.sign()), new Date());
      return 'token' in verified ? 'good' : verified.reason;
    } catch (error) {
      return error;
    }
  };
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await issuer.close();
});

const unreachable = expect.any(IssuerUnreachable);
const goDown = () => {
  issuer.answer = (_request, response) => response.writeHead(500).end();
};
const comeBack = () => {
  issuer.answer = null;
};
const madeUp = async () => await issuer.sign({}, { kid: `made-up-${Math.random()}` });

test('the keys are loaded by discovery with the first token, once for many tokens at the same time', async () => {
  expect(issuer.asked).toEqual([]);
  expect(await Promise.all(Array.from({ length: 20 }, () => verify()))).toEqual(
    Array(20).fill('good'),
  );
  expect(issuer.asked).toEqual([configuration, '/keys']);
});

test('a token of an issuer that is not trusted causes no request for keys', async () => {
  expect(await verify(await issuer.sign({ iss: 'https://evil.example.com' }))).toBe(
    'TOKEN_INVALID',
  );
  expect(issuer.asked).toEqual([]);
});

test('a configured jwksUrl makes discovery unnecessary', async () => {
  const jwksUrl = `${issuer.url}/keys`;
  const issuers = trustIssuers([{ issuer: issuer.url, audience, jwksUrl }]);
  expect(await issuers.verify(await issuer.sign(), start)).toHaveProperty('token');
  expect(issuer.asked).toEqual(['/keys']);
});

test('the discovery URL of an issuer with a path is the path and the suffix, without a second slash', async () => {
  const realm = await startIssuer({ path: '/realms/shop/' });
  realm.now = start;
  const issuers = trustIssuers([{ issuer: realm.url, audience }]);
  expect(await issuers.verify(await realm.sign(), start)).toHaveProperty('token');
  expect(realm.asked).toEqual([`/realms/shop${configuration}`, '/keys']);
  await realm.close();
});

describe('the keys of an issuer change', () => {
  test('an unknown key is requested without a restart', async () => {
    expect(await verify()).toBe('good');
    issuer.keys = [await makeKey('second')];
    advance(31);
    const token = await issuer.sign();
    expect(await verify(token)).toBe('good');
    expect(issuer.asked).toHaveLength(4);
  });

  test('a withdrawn key is refused after ten minutes', async () => {
    const token = await issuer.sign({ exp: start.getTime() / 1000 + 7200 });
    expect(await verify(token)).toBe('good');
    issuer.keys = [await makeKey('second')];
    advance(599);
    expect(await verify(token)).toBe('good');
    advance(1);
    expect(await verify(token)).toBe('TOKEN_INVALID');
  });

  test('a new URL of the keys is found by discovery', async () => {
    expect(await verify()).toBe('good');
    const moved = await startIssuer();
    moved.keys = [await makeKey('moved')];
    issuer.answer = (_request, response) =>
      response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: `${moved.url}/keys` }));
    advance(31);
    expect(await verify(await issuer.sign({}, {}, moved.keys[0]))).toBe('good');
    await moved.close();
  });
});

test('an unusable key in the key set does not prevent the loading of new keys', async () => {
  const broken = await makeKey('broken');
  issuer.keys.push({ ...broken, jwk: { ...broken.jwk, x: 'AA' } });
  expect(await verify()).toBe('good');
  const named = await issuer.sign({}, {}, broken);
  issuer.keys = [await makeKey('second')];
  advance(31);
  expect(await verify(named)).toEqual(unreachable);
  expect(await verify()).toBe('good');
  expect(await verify(named)).toBe('TOKEN_INVALID');
});

describe('a clock that is set back', () => {
  test('does not prevent the loading of new keys', async () => {
    expect(await verify()).toBe('good');
    issuer.keys = [await makeKey('second')];
    advance(-86_400);
    expect(await verify()).toBe('good');
    expect(issuer.asked).toHaveLength(4);
  });

  test('does not prevent the use of an issuer that is up again', async () => {
    goDown();
    expect(await verify()).toEqual(unreachable);
    comeBack();
    advance(-86_400);
    expect(await verify()).toBe('good');
  });
});

test('unknown key ids cause one request to the issuer in 30 seconds', async () => {
  expect(await verify()).toBe('good');
  for (let count = 0; count < 50; count++)
    expect(await verify(await madeUp())).toBe('TOKEN_INVALID');
  expect(issuer.asked).toHaveLength(2);
  advance(30);
  await Promise.all(Array.from({ length: 50 }, async () => verify(await madeUp())));
  for (let count = 0; count < 50; count++) await verify(await madeUp());
  expect(issuer.asked).toHaveLength(4);
});

describe('an issuer that is down', () => {
  test('is an outage for a token that needs its keys, and is requested again after five seconds', async () => {
    goDown();
    for (let count = 0; count < 20; count++) expect(await verify()).toEqual(unreachable);
    expect(issuer.asked).toHaveLength(1);
    comeBack();
    advance(4);
    expect(await verify()).toEqual(unreachable);
    expect(issuer.asked).toHaveLength(1);
    advance(1);
    expect(await verify()).toBe('good');
  });

  test('is an outage for a token with an unknown key, and not for tokens with known keys', async () => {
    expect(await verify()).toBe('good');
    goDown();
    advance(31);
    expect(await verify(await madeUp())).toEqual(unreachable);
    expect(await verify()).toBe('good');
  });

  test('has its known keys accepted for a day, while requests for new keys go on', async () => {
    expect(await verify()).toBe('good');
    goDown();
    advance(23 * 3600);
    expect(await verify()).toBe('good');
    expect(issuer.asked).toHaveLength(3);
    expect(await verify()).toBe('good');
    expect(issuer.asked).toHaveLength(3);
    advance(3600);
    expect(await verify()).toEqual(unreachable);
    comeBack();
    advance(5);
    expect(await verify()).toBe('good');
  });

  test('delays tokens with a known key by one request at most', async () => {
    expect(await verify()).toBe('good');
    const held: (() => void)[] = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => new AbortController().signal);
    goDown();
    advance(600);
    expect(await verify()).toBe('good');
    issuer.answer = (_request, response) => void held.push(() => response.end('{}'));
    advance(6);
    // It would wait for ever.
    expect(await verify()).toBe('good');
    await vi.waitFor(() => expect(held).toHaveLength(1), 20_000);
    for (const answer of held) answer();
  });

  test('is named in the error, which contains no part of the token', async () => {
    goDown();
    const token = await issuer.sign({ sub: 'secret-subject' });
    const error = (await verify(token)) as IssuerUnreachable;
    expect([error.name, error.issuer, error.message]).toEqual([
      'IssuerUnreachable',
      issuer.url,
      `The keys of ${issuer.url} cannot be loaded.`,
    ]);
    const said = [error, error.cause].map((each) => `${each} ${(each as Error).stack}`).join();
    expect(said).toContain('answered 500');
    expect(said).not.toContain(token.split('.')[1]);
    expect(said).not.toContain('secret-subject');
  });

  test('is returned as an error by loadKeys, which does not throw', async () => {
    goDown();
    const trusted = { issuer: issuer.url, audience };
    expect(await trustIssuers([trusted]).loadKeys()).toEqual([unreachable]);
    comeBack();
    const issuers = trustIssuers([trusted]);
    expect(await issuers.loadKeys()).toEqual([]);
    issuer.asked.length = 0;
    expect(await issuers.verify(await issuer.sign(), start)).toHaveProperty('token');
    expect(issuer.asked).toEqual([]);
  });
});

describe('an unusable answer of an issuer is an outage:', () => {
  const document = (given: object) => JSON.stringify({ issuer: issuer.url, ...given });
  test.each<[string, () => string | Buffer, string]>([
    ['of another issuer', () => document({ issuer: `${issuer.url}/` }), 'is of another issuer'],
    ['of no issuer', () => '{}', 'is of another issuer'],
    ['that is null', () => 'null', 'is of another issuer'],
    ['without keys', () => document({}), 'jwks_uri must be a URL'],
    [
      'with keys over http',
      () => document({ jwks_uri: 'http://login.example.com/keys' }),
      'jwks_uri must be an https URL',
    ],
    ['that is no JSON', () => '<html>', 'no JSON'],
    ['that is no text', () => Buffer.from([0x7b, 0xff, 0x7d]), ''],
    ['that is too long', () => `"${'x'.repeat(600_000)}"`, 'more than'],
  ])('a discovery document %s', async (_what, answer, message) => {
    issuer.answer = (_request, response) => response.end(answer());
    const error = (await verify()) as IssuerUnreachable;
    expect(error).toEqual(unreachable);
    expect(String(error.cause)).toContain(message);
  });

  test.each<[string, unknown]>([
    ['whose keys are no list', { keys: 'none' }],
    ['that is a list', []],
    ['with a key that is no object', { keys: ['x'] }],
  ])('a key set %s', async (_what, keys) => {
    const { url } = issuer;
    issuer.answer = (request, response) =>
      response.end(
        JSON.stringify(request.url === '/keys' ? keys : { issuer: url, jwks_uri: `${url}/keys` }),
      );
    expect(await verify()).toEqual(unreachable);
  });

  test('a redirect, which is not followed', async () => {
    const elsewhere = await startIssuer();
    issuer.answer = (request, response) =>
      response.writeHead(302, { location: `${elsewhere.url}${request.url}` }).end();
    expect(await verify()).toEqual(unreachable);
    expect(elsewhere.asked).toEqual([]);
    await elsewhere.close();
  });

  test('no answer within five seconds for all requests together', async () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const spy = vi
      .spyOn(AbortSignal, 'timeout')
      .mockImplementation((milliseconds) => timeout(milliseconds / 50));
    issuer.answer = () => {};
    expect(await verify()).toEqual(unreachable);
    expect(spy.mock.calls).toEqual([[5000]]);
  });

  test('an answer that never ends', async () => {
    issuer.answer = (_request, response) => {
      const more = () => response.write(' '.repeat(65_536), () => !response.destroyed && more());
      more();
    };
    expect(await verify()).toEqual(unreachable);
  });
});

test('only an issuer on the loopback interface may have its keys there', async () => {
  const real = globalThis.fetch;
  const fetched: string[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, options) => {
    fetched.push(String(url));
    if (!String(url).startsWith('https://')) return await real(url, options);
    return Response.json({ issuer: 'https://login.example.com', jwks_uri: `${issuer.url}/keys` });
  });
  const issuers = trustIssuers([{ issuer: 'https://login.example.com', audience }]);
  const token = await issuer.sign({ iss: 'https://login.example.com' });
  await expect(issuers.verify(token, start)).rejects.toThrow(IssuerUnreachable);
  expect(fetched).toEqual([`https://login.example.com${configuration}`]);
  expect(await verify()).toBe('good');
});
