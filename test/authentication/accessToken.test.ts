import { generateKeyPairSync, sign as signAsymmetric } from 'node:crypto';
import { createKeyRing } from '@sallyport/guards';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { claimsOf, register } from '../support/account.ts';
import { secretKey, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { expectRefused } from './expectRefused.ts';
import { encode, headerOf, mintToken, sign } from './mintToken.ts';
import { untouchableDatabase } from './untouchableDatabase.ts';

interface Good {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly key: typeof accessKey;
}

const ring = createKeyRing({ secret: secretKey });
const { verifyingKey: accessKey } = ring.signing.access;
const { verifyingKey: refreshKey, kid: refreshKid } = ring.signing.refresh;
const otherRing = createKeyRing({ secret: 'another server signs with this other secret key' });

let app: TestApp;
/** The same server, but whoever asks its database fails. */
let offline: TestApp;
let accessToken: string;
/** The parts of a token that is good: each case spoils one of them. */
let good: Good;
beforeAll(async () => {
  app = await startApp();
  offline = await startApp({ database: untouchableDatabase, clock: app.clock });
  ({ accessToken } = await register(app));
  good = { header: headerOf(accessToken), claims: claimsOf(accessToken), key: accessKey };
});
afterAll(async () => {
  await offline.close();
  await app.close();
});

type Case = [string, (good: Good) => string];

const withHeader = (change: object) => (parts: Good) =>
  mintToken({ ...parts, header: { ...parts.header, ...change } });
const withKey = (key: Good['key'] | string) => (parts: Good) => mintToken({ ...parts, key });
const segmentsOf = (parts: Good) => mintToken(parts).split('.') as [string, string, string];

test('an access token minted by the test from its parts is accepted like an issued one', async () => {
  const { data } = await app.ask('{ me { id } }', { token: mintToken(good) });
  expect(data).toEqual({ me: { id: good.claims['sub'] } });
});

describe('an access token is invalid, and the database is not asked, when', () => {
  test.each<Case>([
    ['its signature is empty', (parts) => `${segmentsOf(parts).slice(0, 2).join('.')}.`],
    ['its signature is missing', (parts) => segmentsOf(parts).slice(0, 2).join('.')],
    ['its header is empty', (parts) => `.${segmentsOf(parts).slice(1).join('.')}`],
    ['its payload is empty', (parts) => sign(`${encode(parts.header)}.`, parts.key)],
    ['it is only a payload', (parts) => segmentsOf(parts)[1]],
    ['it has a fourth segment', (parts) => `${mintToken(parts)}.e30`],
    ['it is three dots', () => '...'],
    ['its signature is padded', (parts) => `${mintToken(parts)}=`],
    [
      'its payload is padded',
      ({ header, claims, key }) => {
        return sign(`${encode(header)}.${payloadWithPadding(claims)}=`, key);
      },
    ],
    [
      'its payload is in the alphabet of plain base64',
      ({ header, claims, key }) => {
        const payload = encode({ ...claims, jti: '????????' }).replaceAll('_', '/');
        expect(payload).toContain('/');
        return sign(`${encode(header)}.${payload}`, key);
      },
    ],
    ['the bits behind its signature are not zero', (parts) => withTrailingBits(mintToken(parts))],
    [
      'the bits behind its payload are not zero',
      ({ header, claims, key }) => {
        const payload = withTrailingBits(payloadWithPadding(claims));
        return sign(`${encode(header)}.${payload}`, key);
      },
    ],
    ['it is longer than 8 KB', (parts) => longToken(parts, (length) => length > 8192)],
  ])('%s', async (_fact, make) => {
    await expectRefused(offline, make(good), refusals.invalid);
  });

  test.each<Case>([
    ['its alg is none', withHeader({ alg: 'none' })],
    ['its alg is none and its signature empty', unsigned('none')],
    ['its alg is None and its signature empty', unsigned('None')],
    ['its alg is nOnE and its signature empty', unsigned('nOnE')],
    ['its alg is none and its signature junk', (parts) => `${unsigned('none')(parts)}eA`],
    ['its alg is missing', withHeader({ alg: undefined })],
    ['its alg is a list', withHeader({ alg: ['HS256'] })],
    ['its alg is hs256', withHeader({ alg: 'hs256' })],
    ['its alg is HS384, with the right key', hmac('HS384', 'sha384')],
    ['its alg is HS512, with the right key', hmac('HS512', 'sha512')],
    ['its alg is HS256, but its signature HS512', hmac('HS256', 'sha512')],
    ['its alg is RS256, with a key of its own', asymmetric('RS256')],
    ['its alg is ES256, with a key of its own', asymmetric('ES256')],
    ['its alg is RS256, signed with HMAC and the right key', withHeader({ alg: 'RS256' })],
    ['its kid is missing', withHeader({ kid: undefined })],
    ['its kid is unknown', withHeader({ kid: 'unknown' })],
    ['its kid is a number', withHeader({ kid: 1 })],
    ['its kid is null', withHeader({ kid: null })],
    ['its kid is a list of the right one', (p) => withHeader({ kid: [p.header['kid']] })(p)],
    ['its kid is a path', withHeader({ kid: '../../../../dev/null' })],
    ['its kid is SQL', withHeader({ kid: "' union select 'secret' --" })],
    ['its kid is very long', withHeader({ kid: 'k'.repeat(5000) })],
    ['its kid is __proto__', withHeader({ kid: '__proto__' })],
    ['its kid is constructor', withHeader({ kid: 'constructor' })],
    ['its kid is that of the refresh key', withHeader({ kid: refreshKid })],
    ['its typ is missing', withHeader({ typ: undefined })],
    ['its typ is JWT', withHeader({ typ: 'JWT' })],
    ['its typ is AT+JWT', withHeader({ typ: 'AT+JWT' })],
    ['its typ is that of a refresh token', withHeader({ typ: 'rt+jwt' })],
    ['its header has crit', withHeader({ crit: ['exp'] })],
    ['its header has jwk', withHeader({ jwk: { kty: 'oct', k: 'c2VjcmV0' } })],
    ['its header has jku', withHeader({ jku: 'https://attacker.example/jwks.json' })],
    ['its header has x5u', withHeader({ x5u: 'https://attacker.example/x5u' })],
    ['its header has x5c', withHeader({ x5c: ['MIIB'] })],
    ['its header has b64', withHeader({ b64: true })],
    ['its header has zip', withHeader({ zip: 'DEF' })],
    ['its header has cty', withHeader({ cty: 'JWT' })],
    ['its header has anything else', withHeader({ anything: null })],
    ['its header is not JSON', (parts) => mintToken({ ...parts, header: 'not JSON' })],
    ['its header is null', (parts) => mintToken({ ...parts, header: null })],
    ['its header is a list', (parts) => mintToken({ ...parts, header: [parts.header] })],
    ['its header is text', (parts) => mintToken({ ...parts, header: '"HS256"' })],
  ])('%s', async (_fact, make) => {
    await expectRefused(offline, make(good), refusals.invalid);
  });

  test.each<Case>([
    ['the empty key signed it', withKey('')],
    ['"secret" signed it', withKey('secret')],
    ['"password" signed it', withKey('password')],
    ['"your-256-bit-secret" signed it', withKey('your-256-bit-secret')],
    ['32 zero bytes signed it', withKey('\0'.repeat(32))],
    ['its own kid signed it', (parts) => withKey(String(parts.header['kid']))(parts)],
    ['the secret itself signed it, not the key made of it', withKey(secretKey)],
    ['the refresh key signed it', withKey(refreshKey)],
    [
      'the refresh key signed it, and it says so',
      (parts) => mintToken({ ...withKid(refreshKid)(parts), key: refreshKey }),
    ],
    ['the key of another server signed it', withKey(otherRing.signing.access.verifyingKey)],
    [
      'the key of another server signed it, and it says so',
      (parts) =>
        mintToken({
          ...withKid(otherRing.signing.access.kid)(parts),
          key: otherRing.signing.access.verifyingKey,
        }),
    ],
    [
      'its payload was changed',
      (parts) => {
        const [header, , signature] = segmentsOf(parts);
        return `${header}.${encode({ ...parts.claims, fresh: false })}.${signature}`;
      },
    ],
    [
      'it has the signature of another token',
      (parts) => {
        const [header, payload] = segmentsOf(parts);
        const other = mintToken({ ...parts, claims: { ...parts.claims, jti: 'other' } });
        return `${header}.${payload}.${other.split('.')[2]}`;
      },
    ],
  ])('%s', async (_fact, make) => {
    await expectRefused(offline, make(good), refusals.invalid);
  });

  test('any one of its characters is changed', async () => {
    for (let position = 0; position < accessToken.length; position += 5) {
      const other = accessToken[position] === 'A' ? 'B' : 'A';
      const changed = accessToken.slice(0, position) + other + accessToken.slice(position + 1);
      await expectRefused(offline, changed, refusals.invalid);
    }
  });
});

test('an access token of just under 8 KB is accepted', async () => {
  const token = longToken(good, (length) => length > 8188);
  expect(token.length).toBeLessThanOrEqual(8192);
  expect((await app.ask('{ me { id } }', { token })).errors).toEqual([]);
});

describe('the cost of an access token', () => {
  test('is no signature and no query while only public fields are read', async () => {
    const verify = vi.spyOn(jwt, 'verify');
    for (const token of [accessToken, 'garbage', unsigned('none')(good)]) {
      const answer = await offline.ask('{ serverTime __typename }', { token });
      expect(answer.errors).toEqual([]);
    }
    expect(verify).not.toHaveBeenCalled();
    verify.mockRestore();
  });

  test('is one signature, however many guarded fields are read', async () => {
    const verify = vi.spyOn(jwt, 'verify');
    const token = mintToken({
      ...good,
      claims: { ...claimsOf(accessToken), jti: 'not seen before' },
    });
    const query =
      '{ a: me { id username } b: me { id fullName } viewer { id } items { edges { cursor } } }';
    for (const _time of [1, 2]) expect((await app.ask(query, { token })).errors).toEqual([]);
    expect(verify).toHaveBeenCalledTimes(1);
    verify.mockRestore();
  });
});

function withKid(kid: string) {
  return (parts: Good) => ({ ...parts, header: { ...parts.header, kid } });
}

function unsigned(alg: string) {
  return ({ header, claims }: Good) => `${encode({ ...header, alg })}.${encode(claims)}.`;
}

function hmac(alg: string, hash: string) {
  return ({ header, claims, key }: Good) =>
    sign(`${encode({ ...header, alg })}.${encode(claims)}`, key, hash);
}

function asymmetric(alg: 'RS256' | 'ES256') {
  return ({ header, claims }: Good) => {
    const { privateKey } =
      alg === 'RS256'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const input = `${encode({ ...header, alg })}.${encode(claims)}`;
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return `${input}.${signAsymmetric('sha256', Buffer.from(input), key).toString('base64url')}`;
  };
}

/** A payload that, written with padding, would have one `=`. */
function payloadWithPadding(claims: Good['claims']): string {
  const payload = ['', '1', '12']
    .map((filler) => encode({ ...claims, filler }))
    .find((segment) => segment.length % 4 === 3);
  if (!payload) throw new Error('One of three lengths needs one character of padding.');
  return payload;
}

/** Another spelling of the same bytes: the last character has two bits that decoders throw away. */
function withTrailingBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const changed = text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) + 1];
  const last = (segments: string) => Buffer.from(segments.split('.').at(-1) ?? '', 'base64url');
  expect(last(changed)).toEqual(last(text));
  return changed;
}

/** The shortest token, good in all else, whose length is `enough`. */
function longToken(parts: Good, enough: (length: number) => boolean): string {
  for (let length = 5000; ; length++) {
    const token = mintToken({ ...parts, claims: { ...parts.claims, jti: 'j'.repeat(length) } });
    if (enough(token.length)) return token;
  }
}
