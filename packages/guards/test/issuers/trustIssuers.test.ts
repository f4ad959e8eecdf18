import { generateKeyPairSync } from 'node:crypto';
import { foreignAlgorithms, type TrustedIssuer, trustIssuers } from '@sallyport/guards/issuers';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audience, makeKey, startIssuer, type TestIssuer } from './testIssuer.ts';

const now = new Date('2030-01-01T12:00:00Z');
const seconds = now.getTime() / 1000;
const invalid = { reason: 'TOKEN_INVALID' };

let issuer: TestIssuer;
let other: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
  other = await startIssuer({ path: '/realms/shop/' });
  for (const each of [issuer, other]) each.now = now;
});
afterAll(async () => {
  await Promise.all([issuer.close(), other.close()]);
});

const trust = (settings: Partial<TrustedIssuer> = {}) =>
  trustIssuers([
    { issuer: issuer.url, audience, ...settings },
    { issuer: other.url, audience },
  ]);
const verify = async (token: string, settings: Partial<TrustedIssuer> = {}) =>
  await trust(settings).verify(token, now);

test('a token yields its issuer, subject, scopes and the time of the sign-in', async () => {
  const token = await issuer.sign({
    scope: 'items:read items:write',
    auth_time: seconds - 60,
    team: 'red',
  });
  expect(await verify(token)).toEqual({
    token: {
      issuer: issuer.url,
      subject: 'ada',
      scopes: ['items:read', 'items:write'],
      authenticatedAt: seconds - 60,
      expiresAt: seconds + 300,
      claims: expect.objectContaining({ sub: 'ada', team: 'red' }),
    },
  });
});

test('the issuer in a token selects the keys, and equal subjects of two issuers are different', async () => {
  const issuers = trust();
  const [first, second] = [await issuer.sign(), await other.sign()];
  expect([issuers.issuerOf(first), issuers.issuerOf(second)]).toEqual([issuer.url, other.url]);
  expect(await issuers.verify(first, now)).toMatchObject({ token: { issuer: issuer.url } });
  expect(await issuers.verify(second, now)).toMatchObject({ token: { issuer: other.url } });
});

test('one issuer cannot sign tokens in the name of another', async () => {
  const forged = await issuer.sign({ iss: other.url }, { kid: other.keys[0]?.kid ?? '' });
  expect(await verify(forged)).toEqual(invalid);
});

describe('a token is accepted', () => {
  test.each<[string, JWTPayload, Record<string, unknown>?]>([
    ['without a type, as many providers make them', {}, { typ: undefined }],
    ['of the type JWT', {}, { typ: 'JWT' }],
    ['of the type application/at+jwt in other letter case', {}, { typ: 'application/AT+JWT' }],
    ['with the claim typ of Keycloak, Bearer', { typ: 'Bearer' }, { typ: 'JWT' }],
    ['with the claim token_use of Cognito, access', { token_use: 'access' }, { typ: undefined }],
    ['with a nonce, and the type of an access token', { nonce: 'x' }],
    ['for several audiences', { aud: ['https://other.example.com', audience] }],
    ['that ended within the leeway', { exp: seconds - 9 }],
    ['that began within the leeway', { nbf: seconds + 10 }],
    ['of a clock that is a minute ahead', { iat: seconds + 60 }],
    ['of a subject of 255 characters', { sub: 'x'.repeat(255) }],
  ])('%s', async (_what, claims, header) => {
    expect(await verify(await issuer.sign(claims, header))).toHaveProperty('token');
  });

  test.each(foreignAlgorithms)('signed with %s', async (alg) => {
    issuer.keys.push(await makeKey(alg, alg));
    const token = await issuer.sign({}, {}, issuer.keys.pop());
    const key = await makeKey(alg, alg);
    issuer.keys.push(key);
    expect(await verify(await issuer.sign({}, {}, key))).toHaveProperty('token');
    issuer.keys.pop();
    expect(await verify(token)).toEqual(invalid);
  });

  test('without a kid, where the issuer has one key', async () => {
    expect(await verify(await issuer.sign({}, { kid: undefined as never }))).toHaveProperty(
      'token',
    );
  });
});

describe('TOKEN_INVALID is the reason for a token', () => {
  test.each<[string, JWTPayload, Record<string, unknown>?]>([
    ['of an issuer that is not trusted', { iss: 'https://evil.example.com' }],
    ['without an issuer', { iss: undefined as never }],
    ['for another audience', { aud: 'https://other.example.com' }],
    ['for no audience', { aud: undefined as never }],
    ['for no audience of several', { aud: [] }],
    ['without an expiry', { exp: undefined as never }],
    ['whose expiry is a text', { exp: '9999999999' as never }],
    ['that begins later', { nbf: seconds + 11 }],
    ['from the future', { iat: seconds + 61 }],
    ['without a time', { iat: undefined as never }],
    ['without a subject', { sub: undefined as never }],
    ['of an empty subject', { sub: '' }],
    ['of a subject that no database takes', { sub: 'ada\u0000' }],
    ['of a subject that is too long', { sub: 'x'.repeat(256) }],
    ['of a subject that is a number', { sub: 1 as never }],
    ['that is bound to a key', { cnf: { jkt: 'x' } }],
    ['that is an ID token by its nonce', { nonce: 'x' }, { typ: 'JWT' }],
    ['that is an ID token by its at_hash', { at_hash: 'x' }, { typ: undefined }],
    ['that is an ID token by its c_hash', { c_hash: 'x' }, { typ: undefined }],
    ['with the claim typ of Keycloak, ID', { typ: 'ID' }, { typ: 'JWT' }],
    ['with the claim token_use of Cognito, id', { token_use: 'id' }, { typ: undefined }],
    ['that is an event', { events: {} }, { typ: 'JWT' }],
    ['of the type logout+jwt', {}, { typ: 'logout+jwt' }],
    ['of the type dpop+jwt', {}, { typ: 'dpop+jwt' }],
    ['of the type rt+jwt', {}, { typ: 'rt+jwt' }],
    ['of an empty type', {}, { typ: '' }],
    ['with a header that must be understood', {}, { crit: ['x'], x: 1 }],
    ['with an unknown key id', {}, { kid: 'nobody' }],
    ['that is too long', { more: 'x'.repeat(8192) }],
  ])('%s', async (_what, claims, header) => {
    const key = issuer.keys[0];
    if (!key) throw new TypeError('The issuer has a key.');
    const usual = { iss: issuer.url, aud: audience, sub: 'ada', iat: seconds, exp: seconds + 300 };
    const token = await new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey, { crit: { x: true } });
    expect(await verify(token)).toEqual(invalid);
  });

  const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = (header: object) => {
    const claims = { iss: issuer.url, aud: audience, sub: 'ada', iat: seconds, exp: seconds + 300 };
    return `${segment(header)}.${segment(claims)}`;
  };

  test.each(['none', 'None', 'NONE', ''])('whose algorithm is %j', async (alg) => {
    expect(await verify(`${unsigned({ alg, typ: 'at+jwt' })}.`)).toEqual(invalid);
  });

  test('that is signed with the public key as if it were a secret', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig' };
    issuer.keys.push({ kid: 'rsa', alg: 'RS256', privateKey: privateKey as never, jwk });
    const secret = publicKey.export({ type: 'spki', format: 'pem' });
    const forged = await new SignJWT({ iss: issuer.url, aud: audience, sub: 'ada' })
      .setProtectedHeader({ alg: 'HS256', kid: 'rsa', typ: 'at+jwt' })
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 300)
      .sign(Buffer.from(secret));
    expect(await verify(forged)).toEqual(invalid);
    issuer.keys.pop();
  });

  test('with a key in its header', async () => {
    const mine = await makeKey('first');
    const header = { jwk: mine.jwk as never, jku: 'https://evil.example.com/keys' };
    expect(await verify(await issuer.sign({}, header, mine))).toEqual(invalid);
  });

  test('whose payload was changed', async () => {
    const [header, , signature] = (await issuer.sign()).split('.');
    const payload = segment({
      iss: issuer.url,
      aud: audience,
      sub: 'eve',
      iat: seconds,
      exp: seconds + 300,
    });
    expect(await verify(`${header}.${payload}.${signature}`)).toEqual(invalid);
  });

  test('of an issuer whose name has a slash more, or less', async () => {
    expect(await verify(await issuer.sign({ iss: `${issuer.url}/` }))).toEqual(invalid);
    expect(await verify(await other.sign({ iss: other.url.slice(0, -1) }))).toEqual(invalid);
  });

  test('of an algorithm that is not configured', async () => {
    expect(await verify(await issuer.sign(), { algorithms: ['RS256'] })).toEqual(invalid);
  });

  test('without a type, of an issuer whose tokens are configured to have one', async () => {
    expect(await verify(await issuer.sign({}, { typ: 'JWT' }), { isTyped: true })).toEqual(invalid);
    expect(await verify(await issuer.sign(), { isTyped: true })).toHaveProperty('token');
  });

  test('without a kid, where the issuer has several keys of the same kind', async () => {
    issuer.keys.push(await makeKey('second'));
    expect(await verify(await issuer.sign({}, { kid: undefined as never }))).toEqual(invalid);
    issuer.keys.pop();
  });

  test.each(['', 'x', 'a.b.c', 'a.b.c.d.e', '..', `${'x'.repeat(9000)}.x.x`])(
    'that is malformed: %.20s',
    async (text) => {
      expect(await verify(text)).toEqual(invalid);
    },
  );
});

describe('TOKEN_EXPIRED is the reason', () => {
  test('for an expired token that is otherwise valid', async () => {
    expect(await verify(await issuer.sign({ exp: seconds - 10 }))).toEqual({
      reason: 'TOKEN_EXPIRED',
    });
  });

  test.each<[string, JWTPayload, Record<string, unknown>?]>([
    ['an expired ID token', { nonce: 'x' }, { typ: 'JWT' }],
    ['an expired token for another audience', { aud: 'https://other.example.com' }],
    ['an expired token that is bound to a key', { cnf: {} }],
  ])('not for %s', async (_what, claims, header) => {
    const exp = seconds - 10;
    expect(await verify(await issuer.sign({ ...claims, exp }, header))).toEqual(invalid);
  });
});

describe('the scopes of a token', () => {
  test.each<[string, JWTPayload, string[]]>([
    ['are none without a claim', {}, []],
    ['are the words of scope', { scope: 'a b  a' }, ['a', 'b']],
    ['are a list in scp, as Okta has them', { scp: ['a', 'b'] }, ['a', 'b']],
    ['are words in scp, as Azure has them', { scp: 'a b' }, ['a', 'b']],
    ['are those of scope, where a token has scope and scp', { scope: 'a', scp: ['b'] }, ['a']],
    ['have no values that cannot be a scope', { scope: ['a b', 1, null, 'ü', 'c'] }, ['c']],
    ['are none, where scope is an object', { scope: { all: true } }, []],
    ['are never all scopes because of the word all', { scope: 'all' }, ['all']],
  ])('%s', async (_what, claims, scopes) => {
    expect(await verify(await issuer.sign(claims))).toMatchObject({ token: { scopes } });
  });
});

describe('the time of the sign-in', () => {
  test.each<[string, unknown, number | null]>([
    ['is unknown without auth_time', undefined, null],
    ['is unknown where auth_time is a text', '2030-01-01', null],
    ['is unknown where it is in the future', seconds + 61, null],
    ['is rounded down to whole seconds', seconds - 0.5, seconds - 1],
  ])('%s', async (_what, time, authenticatedAt) => {
    const token = await issuer.sign({ auth_time: time });
    expect(await verify(token)).toMatchObject({ token: { authenticatedAt } });
  });
});

describe('trustIssuers refuses', () => {
  const good = { issuer: 'https://login.example.com', audience: 'api' };
  test.each<[string, TrustedIssuer[], string]>([
    ['with http', [{ ...good, issuer: 'http://login.example.com' }], 'must be an https URL'],
    ['with an issuer that is no URL', [{ ...good, issuer: 'login' }], 'must be a URL'],
    ['with a space', [{ ...good, issuer: ' https://login.example.com' }], 'must be a URL'],
    ['with a query', [{ ...good, issuer: 'https://login.example.com?x' }], 'no query'],
    ['with a fragment', [{ ...good, issuer: 'https://login.example.com#' }], 'no fragment'],
    ['with a password', [{ ...good, issuer: 'https://a:b@login.example.com' }], 'no password'],
    [
      'with http and a host name that begins like a loopback address',
      [{ ...good, issuer: 'http://127.0.0.1.example.com' }],
      'must be an https',
    ],
    ['without an audience', [{ ...good, audience: '' }], 'needs an audience'],
    ['with no audiences', [{ ...good, audience: [] }], 'needs an audience'],
    ['with keys over http', [{ ...good, jwksUrl: 'http://login.example.com/k' }], 'jwksUrl'],
    ['with a shared secret', [{ ...good, algorithms: ['HS256' as never] }], 'algorithms'],
    ['with the algorithm none', [{ ...good, algorithms: ['none' as never] }], 'algorithms'],
    ['with no algorithm', [{ ...good, algorithms: [] }], 'algorithms'],
    ['with an issuer twice', [good, good], 'is there twice'],
  ])('%s', (_what, trusted, message) => {
    expect(() => trustIssuers(trusted)).toThrow(TypeError);
    expect(() => trustIssuers(trusted)).toThrow(message);
  });

  test.each(['http://localhost:1', 'http://127.0.0.2', 'http://[::1]:8080/realms/a/'])(
    'accepts the issuer %s on the loopback interface',
    (url) => {
      expect(() => trustIssuers([{ ...good, issuer: url }])).not.toThrow();
    },
  );
});

test('neither the verdict nor the payload of a token is kept between two uses', async () => {
  const issuers = trust();
  const token = await issuer.sign();
  const first = await issuers.verify(token, now);
  if ('token' in first) Object.assign(first.token.claims, { sub: 'eve' });
  expect(await issuers.verify(token, now)).toMatchObject({
    token: { subject: 'ada', claims: { sub: 'ada' } },
  });
  const later = new Date(now.getTime() + 310_000);
  expect(await issuers.verify(token, later)).toEqual({ reason: 'TOKEN_EXPIRED' });
});
