import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Account,
  claimsOf,
  type Pair,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { failure, secretKey, startApp, stoppedClock, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

const secondSecret = 'the secret that comes after the first, just as long';
const thirdSecret = 'the secret that comes after the second, as long again';

const clock = stoppedClock();
let base: TestApp;
beforeAll(async () => {
  base = await startApp({ clock });
});
afterAll(() => base.close());

type Environment = Record<string, string>;

/** Starts the service again on the same database, with other keys, for as long as `act` takes. */
async function withKeys<T>(
  environment: Environment,
  act: (app: TestApp) => Promise<T>,
): Promise<T> {
  const app = await startApp({ environment, database: base.database, clock });
  return await act(app).finally(app.close);
}

const me = ({ ask }: TestApp, { accessToken }: Pair) =>
  ask('{ me { id } }', { token: accessToken });

async function next(app: TestApp, { refreshToken }: Pair): Promise<Pair> {
  return succeeded(await refresh(app, refreshToken)).refresh;
}

async function expectGood(app: TestApp, ...pairs: Pair[]) {
  for (const pair of pairs) expect((await me(app, pair)).errors).toEqual([]);
}

async function expectInvalid(app: TestApp, pair: Pair) {
  expect(failure(await me(app, pair))).toEqual(refusals.invalid);
  expect(failure(await refresh(app, pair.refreshToken))).toEqual(refusals.invalid);
}

const headerOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

type PublishedKey = JsonWebKey & { readonly kid: string; readonly alg: 'ES256' | 'RS256' };

async function readKeySet(app: TestApp): Promise<PublishedKey[]> {
  const response = await app.inject({ url: '/.well-known/jwks.json' });
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toMatch(/^application\/json/);
  return response.json().keys;
}

describe('a change of the secret', () => {
  const during = { JWT_SECRET_KEY: secondSecret, JWT_SECRET_KEY_PREVIOUS: secretKey };
  const after = { JWT_SECRET_KEY: secondSecret };

  test('is not noticed by a client that refreshes while the previous secret is set', async () => {
    let pair: Pair = await register(base);
    await withKeys(during, async (app) => {
      await expectGood(app, pair);
      pair = await next(app, pair);
      await expectGood(app, pair);
    });
    await withKeys(after, async (app) => {
      await expectGood(app, pair);
      pair = await next(app, pair);
      await expectGood(app, pair);
    });
    const again = { JWT_SECRET_KEY: thirdSecret, JWT_SECRET_KEY_PREVIOUS: secondSecret };
    await withKeys(again, async (app) => {
      await expectGood(app, pair, await next(app, pair));
    });
  });

  test('makes tokens of the previous secret invalid once it is removed, and ends no session', async () => {
    const account = await register(base);
    await withKeys(during, (app) => expectGood(app, account));
    await withKeys(after, (app) => expectInvalid(app, account));
    await expectGood(base, account, await next(base, account));
  });

  test('signs no token with the previous secret', async () => {
    await withKeys(during, async (app) => {
      const pair = await next(app, await register(base));
      await expectInvalid(base, pair);
      await expectInvalid(base, await register(app));
    });
  });

  test('leaves two tabs that refresh on nodes with the old and the new secret with one session', async () => {
    const account = await register(base);
    await withKeys(during, async (app) => {
      const [first, second] = [await next(app, account), await next(app, account)];
      expect(second.refreshToken).toBe(first.refreshToken);
      await expectGood(app, first, second);
    });
  });

  test('still distinguishes a reused refresh token from an invalid one', async () => {
    const first = await register(base);
    let pair: Pair = first;
    for (let exchange = 0; exchange < 2; exchange++) {
      base.clock.advance(10);
      pair = await next(base, pair);
    }
    await withKeys(during, async (app) => {
      expect(failure(await refresh(app, first.refreshToken))).toEqual(refusals.reused);
    });
  });

  test('does not affect API tokens, which no key signs', async () => {
    const { accessToken } = await register(base);
    const made = await base.ask('mutation { createApiToken(name: "x") { token } }', {
      token: accessToken,
    });
    const { token } = succeeded(made).createApiToken;
    await withKeys(after, async (app) => {
      expect((await app.ask('{ me { id } }', { token })).errors).toEqual([]);
    });
  });
});

describe('without a private key', () => {
  test('no keys are published', async () => {
    expect(await readKeySet(base)).toEqual([]);
    await withKeys(
      { JWT_SECRET_KEY: secondSecret, JWT_SECRET_KEY_PREVIOUS: secretKey },
      async (app) => expect(await readKeySet(app)).toEqual([]),
    );
  });
});

const pemOf = (key: KeyObject) =>
  key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }).toString();
const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

describe.each([
  ['ES256', ec(), ec(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
  ['RS256', rsa(), rsa(), ['alg', 'e', 'kid', 'kty', 'n', 'use']],
  ['from RS256 to ES256', rsa(), ec(), null],
] as const)('a change of the private key, %s,', (_what, oldKeys, newKeys, memberNames) => {
  const before: Environment = { JWT_PRIVATE_KEY: pemOf(oldKeys.privateKey) };
  const after: Environment = { JWT_PRIVATE_KEY: pemOf(newKeys.privateKey) };
  const during = { ...after, JWT_PRIVATE_KEY_PREVIOUS: pemOf(oldKeys.privateKey) };
  const duringWithPublicHalf = { ...after, JWT_PRIVATE_KEY_PREVIOUS: pemOf(oldKeys.publicKey) };
  let old: Account;
  beforeAll(async () => {
    old = await withKeys(before, register);
  });

  test.each([
    ['the previous one', during],
    ['its public half', duringWithPublicHalf],
  ])(
    'keeps tokens valid while %s is set, and signs with the new key',
    async (_half, environment) => {
      await withKeys(environment, async (app) => {
        await expectGood(app, old);
        const pair = await register(app);
        expect(headerOf(pair.accessToken)['kid']).not.toBe(headerOf(old.accessToken)['kid']);
        await expectGood(app, pair);
      });
    },
  );

  test('makes access tokens of the previous key invalid once it is removed, and a refresh returns a valid one', async () => {
    await withKeys(after, async (app) => {
      expect(failure(await me(app, old))).toEqual(refusals.invalid);
      await expectGood(app, await next(app, await withKeys(before, register)));
    });
  });

  test('publishes the new key and the previous one by the key ids of their tokens, until the setting is removed', async () => {
    const oldKid = headerOf(old.accessToken)['kid'];
    const kids = async (app: TestApp) => (await readKeySet(app)).map(({ kid }) => kid);
    await withKeys(before, async (app) => expect(await kids(app)).toEqual([oldKid]));
    for (const environment of [during, duringWithPublicHalf]) {
      await withKeys(environment, async (app) => {
        const newKid = headerOf((await register(app)).accessToken)['kid'];
        expect(await kids(app)).toEqual([newKid, oldKid]);
      });
    }
    await withKeys(after, async (app) => expect(await kids(app)).not.toContain(oldKid));
  });

  test('publishes public parts only', async () => {
    await withKeys(during, async (app) => {
      for (const key of await readKeySet(app)) {
        const names = Object.keys(key).toSorted();
        for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
          expect(names).not.toContain(secret);
        }
        if (memberNames) expect(names).toEqual(memberNames);
        expect(key['use']).toBe('sig');
      }
    });
  });

  test('publishes keys with which another service can verify the tokens of both', async () => {
    await withKeys(during, async (app) => {
      const keys = await readKeySet(app);
      for (const { accessToken } of [old, await register(app)]) {
        const { kid, alg } = headerOf(accessToken);
        const jwk = keys.find((key) => key.kid === kid) as PublishedKey;
        expect(jwk.alg).toBe(alg);
        const key = createPublicKey({ key: jwk, format: 'jwk' });
        const payload = jwt.verify(accessToken, key, {
          algorithms: [jwk.alg],
          issuer: 'sallyport',
          audience: 'sallyport',
          clockTimestamp: clock.now.getTime() / 1000,
        });
        expect(payload).toEqual(claimsOf(accessToken));
        const wrongKeys = keys.filter((each) => each.kid !== kid && each.alg === alg);
        for (const wrong of wrongKeys) {
          const wrongKey = createPublicKey({ key: wrong, format: 'jwk' });
          expect(() => jwt.verify(accessToken, wrongKey)).toThrow('invalid signature');
        }
      }
    });
  });
});

test('a server that adds or removes a private key accepts tokens while the settings name the key that signed them', async () => {
  const pem = pemOf(ec().privateKey);
  const account = await register(base);
  let pair: Pair = account;
  await withKeys({ JWT_PRIVATE_KEY: pem }, async (app) => {
    await expectGood(app, account);
    pair = await next(app, account);
    expect(headerOf(pair.accessToken)['alg']).toBe('ES256');
  });
  await withKeys({ JWT_PRIVATE_KEY_PREVIOUS: pem }, async (app) => {
    await expectGood(app, pair);
    expect(await readKeySet(app)).toHaveLength(1);
    expect(headerOf((await next(app, pair)).accessToken)['alg']).toBe('HS256');
  });
});
