import jwt from 'jsonwebtoken';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  type AccessClaims,
  createKeyRing,
  createTokens,
  type Key,
  type KeyRing,
  type TokenSettings,
} from '../src/index.ts';

const now = new Date('2030-01-01T12:00:00Z');
const seconds = now.getTime() / 1000;
const secret = 'a secret key for these tests, and for no others';
const claims = { sub: 'user', sid: 'session', gen: 1, iat: seconds, exp: seconds + 900 };
const accessClaims: Omit<AccessClaims, 'jti' | 'additional'> = {
  ...claims,
  auth_time: seconds,
  fresh: true,
};
const good = { claims: { ...accessClaims, jti: expect.any(String), additional: {} } };
const invalid = { reason: 'TOKEN_INVALID' };
const later = (added: number) => new Date(now.getTime() + added * 1000);

/** Tokens with a memory, and how many signatures were verified. */
function withMemory(settings: Partial<TokenSettings> = {}) {
  const memory = new Map<string, Key>();
  const tokens = createTokens({
    keys: createKeyRing({ secret }),
    issuer: 'issuer',
    audience: 'audience',
    lifeSeconds: { access: 900, refresh: 900 },
    leewaySeconds: 0,
    memory,
    ...settings,
  });
  const verify = vi.spyOn(jwt, 'verify');
  onTestFinished(() => verify.mockRestore());
  return { tokens, memory, verifications: () => verify.mock.calls.length };
}

test('the signature of a valid access token is verified once', () => {
  const { tokens, memory, verifications } = withMemory();
  const token = tokens.signAccess(accessClaims);
  const first = tokens.verifyAccess(token, now);
  expect(first).toEqual(good);
  expect(tokens.verifyAccess(token, now)).toEqual(first);
  expect(tokens.verifyAccess(token, later(1))).toEqual(first);
  expect(verifications()).toBe(1);
  expect([...memory.keys()]).toEqual([token]);
});

test('without a memory, the signature is verified each time', () => {
  const { verifications } = withMemory();
  const tokens = createTokens({
    keys: createKeyRing({ secret }),
    issuer: 'issuer',
    audience: 'audience',
    lifeSeconds: { access: 900, refresh: 900 },
    leewaySeconds: 0,
  });
  const token = tokens.signAccess(accessClaims);
  for (const _time of [1, 2]) expect(tokens.verifyAccess(token, now)).toEqual(good);
  expect(verifications()).toBe(2);
});

test('each verification returns claims of its own', () => {
  const { tokens } = withMemory();
  const token = tokens.signAccess(accessClaims);
  const [first, second] = [tokens.verifyAccess(token, now), tokens.verifyAccess(token, now)];
  if ('claims' in first) Object.assign(first.claims, { sub: 'another user' });
  expect(second).toEqual(good);
  expect(tokens.verifyAccess(token, now)).toEqual(good);
});

test('the times of a token are judged at each use', () => {
  const { tokens, verifications } = withMemory();
  const token = tokens.signAccess(accessClaims);
  expect(tokens.verifyAccess(token, later(899))).toEqual(good);
  expect(tokens.verifyAccess(token, later(900))).toEqual({ reason: 'TOKEN_EXPIRED' });
  // From a clock that is set back, the token is from the future.
  expect(tokens.verifyAccess(token, later(-61))).toEqual(invalid);
  expect(tokens.verifyAccess(token, now)).toEqual(good);
  expect(verifications()).toBe(1);
});

test('the claim nbf of a token is judged at each use', () => {
  const keys = createKeyRing({ secret });
  const { tokens } = withMemory({ keys });
  const { kid, signingKey } = keys.signing.access;
  const payload = { ...accessClaims, jti: 'id', iss: 'issuer', aud: 'audience' };
  const sign = (nbf: unknown) =>
    jwt.sign(JSON.stringify({ ...payload, nbf }), signingKey as never, {
      algorithm: 'HS256',
      header: { alg: 'HS256', typ: 'at+jwt', kid },
    });
  const token = sign(seconds + 10);
  expect(tokens.verifyAccess(token, now)).toEqual(invalid);
  expect(tokens.verifyAccess(token, later(10))).toEqual(good);
  expect(tokens.verifyAccess(token, later(9))).toEqual(invalid);
  expect(tokens.verifyAccess(sign('now'), now)).toEqual(invalid);
});

test.each<[string, (tokens: ReturnType<typeof createTokens>) => string]>([
  ['with another signature', ({ signAccess }) => `${signAccess(accessClaims).slice(0, -4)}AAAA`],
  ['that is malformed', () => 'no token'],
  [
    'that has expired',
    ({ signAccess }) => signAccess({ ...accessClaims, iat: seconds - 900, exp: seconds }),
  ],
  ['from the future', ({ signAccess }) => signAccess({ ...accessClaims, iat: seconds + 61 })],
  ['that lives too long', ({ signAccess }) => signAccess({ ...accessClaims, exp: seconds + 901 })],
  ['for refreshing', ({ signRefresh }) => signRefresh({ ...claims, jti: 'id' })],
  [
    'of another issuer',
    () =>
      createTokens({
        keys: createKeyRing({ secret }),
        issuer: 'another issuer',
        audience: 'audience',
        lifeSeconds: { access: 900, refresh: 900 },
        leewaySeconds: 0,
      }).signAccess(accessClaims),
  ],
])('a token %s is not remembered', (_what, make) => {
  const { tokens, memory } = withMemory();
  const token = make(tokens);
  for (const _time of [1, 2]) tokens.verifyAccess(token, now);
  expect(memory.size).toBe(0);
});

test('a remembered token with one changed character is invalid', () => {
  const { tokens } = withMemory();
  const token = tokens.signAccess(accessClaims);
  expect(tokens.verifyAccess(token, now)).toEqual(good);
  for (let place = 0; place < token.length; place++) {
    const changed = token[place] === 'A' ? 'B' : 'A';
    const other = token.slice(0, place) + changed + token.slice(place + 1);
    expect(tokens.verifyAccess(other, now), `character ${place}`).toEqual(invalid);
  }
  expect(tokens.verifyAccess(`${token}=`, now)).toEqual(invalid);
  expect(tokens.verifyAccess(token, now)).toEqual(good);
});

test('a remembered token is invalid once its key is taken out of the ring', () => {
  let keys: KeyRing = createKeyRing({ secret });
  const { tokens, verifications } = withMemory({ keys: () => keys });
  const token = tokens.signAccess(accessClaims);
  expect(tokens.verifyAccess(token, now)).toEqual(good);
  const next = 'the secret key after it, for these tests alone';
  keys = createKeyRing({ secret: next, previousSecret: secret });
  expect(tokens.verifyAccess(token, now)).toEqual(good);
  // The ring has the key again, but it is another ring's.
  expect(verifications()).toBe(2);
  keys = createKeyRing({ secret: next });
  expect(tokens.verifyAccess(token, now)).toEqual(invalid);
});
