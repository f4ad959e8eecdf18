import { generateKeyPairSync, type KeyObject, sign as signAsymmetric } from 'node:crypto';
import { createKeyRing } from '@sallyport/guards';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Account, claimsOf, refresh, register, succeeded } from '../support/account.ts';
import { failure, secretKey, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { expectRefused } from './expectRefused.ts';
import { encode, headerOf, mintToken } from './mintToken.ts';

const newSecret = 'the secret that comes after the first, just as long';

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });

let app: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp();
  account = await register(app);
});
afterAll(() => app.close());

/** Another server on the same database, with other keys. */
async function withKeys(
  environment: Record<string, string>,
  act: (server: TestApp) => Promise<void>,
) {
  const server = await startApp({ environment, database: app.database, clock: app.clock });
  await act(server).finally(server.close);
}

async function expectAccepted({ ask }: TestApp, token: string) {
  const { me } = succeeded(await ask('{ me { id } }', { token }));
  expect(me).toEqual({ id: claimsOf(token)['sub'] });
}

describe('a key ring', () => {
  test('has a key of its own for each kind of token, and neither is the secret', () => {
    const { access, refresh: forRefresh } = createKeyRing({ secret: secretKey }).signing;
    const bytes = [access, forRefresh].map(({ verifyingKey }) => verifyingKey.export());
    expect(bytes[0]).not.toEqual(bytes[1]);
    expect(bytes).not.toContainEqual(Buffer.from(secretKey));
    expect(access.kid).not.toBe(forRefresh.kid);
    expect([access.kind, forRefresh.kind]).toEqual(['access', 'refresh']);
  });

  test('is the same for each node with the same secret', () => {
    const [one, two] = [createKeyRing({ secret: secretKey }), createKeyRing({ secret: secretKey })];
    expect([...two.verifying.keys()]).toEqual([...one.verifying.keys()]);
    expect(two.signing.access.verifyingKey.export()).toEqual(
      one.signing.access.verifyingKey.export(),
    );
  });

  test('needs a secret of 32 bytes', () => {
    const short = new TypeError('A secret key must have at least 32 bytes.');
    for (const secret of ['', 'x'.repeat(31), `${'é'.repeat(15)}x`]) {
      expect(() => createKeyRing({ secret })).toThrow(short);
    }
    for (const secret of ['x'.repeat(32), 'é'.repeat(16)]) {
      expect(createKeyRing({ secret }).verifying.size).toBe(2);
    }
    expect(() => createKeyRing({ secret: secretKey, previousSecret: 'short' })).toThrow(short);
  });

  test('verifies with the previous secret and does not sign with it', () => {
    const previous = createKeyRing({ secret: secretKey }).signing;
    const ring = createKeyRing({ secret: newSecret, previousSecret: secretKey });
    for (const kind of ['access', 'refresh'] as const) {
      expect(ring.verifying.get(previous[kind].kid)).toMatchObject({ kind, signingKey: null });
      expect(ring.signing[kind].kid).not.toBe(previous[kind].kid);
    }
  });
});

describe('after the secret was changed', () => {
  test('tokens of the previous secret are valid while it is configured, and new tokens are signed with the new secret', async () => {
    const { accessToken, refreshToken } = await register(app);
    const environment = { JWT_SECRET_KEY: newSecret, JWT_SECRET_KEY_PREVIOUS: secretKey };
    await withKeys(environment, async (server) => {
      await expectAccepted(server, accessToken);
      const next = succeeded(await refresh(server, refreshToken)).refresh;
      await expectAccepted(server, next.accessToken);
      const { access, refresh: forRefresh } = createKeyRing({ secret: newSecret }).signing;
      expect(headerOf(next.accessToken)['kid']).toBe(access.kid);
      expect(headerOf(next.refreshToken)['kid']).toBe(forRefresh.kid);
      await expectRefused(app, next.accessToken, refusals.invalid);
    });
  });

  test('tokens of the previous secret are invalid when it is not configured', async () => {
    await withKeys({ JWT_SECRET_KEY: newSecret }, async (server) => {
      await expectRefused(server, account.accessToken, refusals.invalid);
      expect(failure(await refresh(server, account.refreshToken))).toEqual(refusals.invalid);
    });
  });
});

describe.each([
  ['ES256', ec()],
  ['RS256', rsa(2048)],
] as const)('with a private key for %s', (alg, { privateKey, publicKey }) => {
  let server: TestApp;
  let signed: Account;
  beforeAll(async () => {
    const environment = { JWT_PRIVATE_KEY: pemOf(privateKey) };
    server = await startApp({ environment, database: app.database, clock: app.clock });
    signed = await register(server);
  });
  afterAll(() => server.close());

  /** A token with the claims of a good one, signed by any key of that kind. */
  function forge(key: KeyObject, claims = claimsOf(signed.accessToken)) {
    const input = `${encode(headerOf(signed.accessToken))}.${encode(claims)}`;
    const options = { key, dsaEncoding: 'ieee-p1363' } as const;
    return `${input}.${signAsymmetric('sha256', Buffer.from(input), options).toString('base64url')}`;
  }

  test('access tokens are signed with it and are valid', async () => {
    expect(headerOf(signed.accessToken)).toMatchObject({ alg, typ: 'at+jwt' });
    await expectAccepted(server, signed.accessToken);
    await expectAccepted(server, forge(privateKey));
  });

  test('refresh tokens are still signed with the secret and are valid', async () => {
    expect(headerOf(signed.refreshToken)).toMatchObject({ alg: 'HS256', typ: 'rt+jwt' });
    const account = await register(server);
    expect((await refresh(server, account.refreshToken)).errors).toEqual([]);
  });

  test('access tokens that the secret signed before stay valid', async () => {
    await expectAccepted(server, account.accessToken);
  });

  test('an HMAC token whose key is the public key is invalid, in every spelling of it', async () => {
    const claims = claimsOf(signed.accessToken);
    const header = headerOf(signed.accessToken);
    const pem = publicPemOf(publicKey);
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }));
    const keys = [pem, pem.trim(), der.toString('base64'), der.toString('latin1'), jwk];
    for (const key of keys) {
      for (const wanted of ['HS256', alg]) {
        const token = mintToken({ header: { ...header, alg: wanted }, claims, key });
        await expectRefused(server, token, refusals.invalid);
      }
    }
  });

  test('a token of another key of the same kind is invalid', async () => {
    const other = alg === 'ES256' ? ec() : rsa(2048);
    await expectRefused(server, forge(other.privateKey), refusals.invalid);
  });

  test('a signature that is empty, too short, too long or zero is invalid', async () => {
    const [header, payload, signature = ''] = signed.accessToken.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const wrong = [
      Buffer.alloc(0),
      bytes.subarray(1),
      bytes.subarray(0, 10),
      Buffer.alloc(bytes.length),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.alloc(bytes.length, 255),
    ];
    for (const each of wrong) {
      const token = `${header}.${payload}.${each.toString('base64url')}`;
      await expectRefused(server, token, refusals.invalid);
    }
  });

  test('a token whose alg is none is invalid', async () => {
    const header = { ...headerOf(signed.accessToken), alg: 'none' };
    const token = `${encode(header)}.${encode(claimsOf(signed.accessToken))}.`;
    await expectRefused(server, token, refusals.invalid);
  });

  test.each([
    ['it', pemOf(privateKey)],
    ['its public half', publicPemOf(publicKey)],
  ])(
    'a server that has %s as the previous key accepts its tokens, and signs with the next key',
    async (_which, previous) => {
      const next = pemOf(ec().privateKey);
      const environment = { JWT_PRIVATE_KEY: next, JWT_PRIVATE_KEY_PREVIOUS: previous };
      await withKeys(environment, async (after) => {
        await expectAccepted(after, signed.accessToken);
        const { accessToken } = await register(after);
        const { access } = createKeyRing({ secret: secretKey, privateKey: next }).signing;
        expect(headerOf(accessToken)['kid']).toBe(access.kid);
        await expectAccepted(after, accessToken);
        await expectRefused(server, accessToken, refusals.invalid);
      });
      await withKeys({ JWT_PRIVATE_KEY: next }, async (after) => {
        await expectRefused(after, signed.accessToken, refusals.invalid);
      });
    },
  );

  test('a server without the previous key refuses its tokens', async () => {
    await expectRefused(app, signed.accessToken, refusals.invalid);
  });
});

describe('a private key is refused, and its text is not repeated, when it is', () => {
  const wrongKind = 'A private key must be EC P-256, or RSA with at least 2048 bits.';
  const publicOnly = 'A public key cannot sign tokens.';
  const unreadable = 'A private key must be an unencrypted PEM.';
  const encrypted = {
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'p',
  } as const;

  test.each<[string, string, string]>([
    ['RSA of 1024 bits', pemOf(rsa(1024).privateKey), wrongKind],
    ['EC P-384', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey), wrongKind],
    [
      'EC secp256k1',
      pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey),
      wrongKind,
    ],
    ['Ed25519', pemOf(generateKeyPairSync('ed25519').privateKey), wrongKind],
    [
      'RSA for PSS only',
      pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey),
      wrongKind,
    ],
    ['encrypted', ec().privateKey.export(encrypted).toString(), unreadable],
    ['a public key', publicPemOf(ec().publicKey), publicOnly],
    ['cut short', pemOf(ec().privateKey).slice(0, 100), unreadable],
    ['not a key at all', 'garbage that could be a key', unreadable],
  ])('%s', async (_kind, privateKey, message) => {
    expect(() => createKeyRing({ secret: secretKey, privateKey })).toThrow(new TypeError(message));
    const error: unknown = await startApp({
      environment: { JWT_PRIVATE_KEY: privateKey },
      database: app.database,
    }).catch((reason) => reason);
    expect(error).toBeInstanceOf(TypeError);
    const text = `${(error as Error).message} ${(error as Error).stack}`;
    expect(text).toContain(`JWT_PRIVATE_KEY does not fit. ${message}`);
    for (const line of privateKey.split('\n').filter((each) => !/^-|^$/.test(each))) {
      expect(text).not.toContain(line);
    }
  });
});
