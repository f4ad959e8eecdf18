import {
  authenticate,
  type ClaimsToAdd,
  createKeyRing,
  createTokens,
  reservedClaims,
  type Tokens,
} from '@sallyport/guards';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';

declare module '@sallyport/guards' {
  interface AdditionalClaims {
    readonly plan?: string;
    readonly limits?: { readonly items: readonly number[] };
  }
}

const now = new Date('2030-01-01T12:00:00.000Z');
const seconds = now.getTime() / 1000;
const keys = createKeyRing({ secret: 'a secret of at least 32 bytes, for this test' });
const tokens: Tokens = createTokens({
  keys,
  issuer: 'shop',
  audience: 'shop',
  lifeSeconds: { access: 900, refresh: 3600 },
  leewaySeconds: 10,
});
const times = { iat: seconds, exp: seconds + 900, auth_time: seconds };
const own = { sub: 'ada', sid: 's', gen: 1, ...times, fresh: true };
const sign = (additional?: object) => tokens.signAccess(own, additional as ClaimsToAdd);
const claimsOf = (token: string) => {
  const verified = tokens.verifyAccess(token, now);
  return 'claims' in verified ? verified.claims : verified;
};

describe('additional claims', () => {
  const additional = { plan: 'gold', limits: { items: [1, 2] } };

  test('stand at the top level of the payload', () => {
    expect(jwt.decode(sign(additional))).toEqual({
      iss: 'shop',
      aud: 'shop',
      jti: expect.any(String),
      ...own,
      ...additional,
    });
  });

  test('are returned apart from the other claims', () => {
    expect(claimsOf(sign(additional))).toEqual({ ...own, jti: expect.any(String), additional });
    expect(claimsOf(sign({}))).toMatchObject({ additional: {} });
    expect(claimsOf(tokens.signAccess(own))).toMatchObject({ additional: {} });
  });

  test('are typed, and may be absent from an older token', async () => {
    const loaders = { loadUser: async () => ({ user: 'ada', isAdmin: false }) };
    const bearer = { token: sign(additional) };
    const authentication = await authenticate(bearer, { tokens, now, loaders });
    if (authentication.status !== 'authenticated') throw new TypeError('Expected a user.');
    const plan: string | undefined = authentication.claims?.additional.plan;
    expect(plan).toBe('gold');
    // @ts-expect-error There is no such claim.
    expect(authentication.claims?.additional.price).toBeUndefined();
  });

  test.each([
    ['null', null],
    ['text', 'ä"\n\u2028🦊'],
    ['a number', -1.5e300],
    ['false', false],
    ['lists of objects', [{ a: [null, { b: '' }] }]],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ])('can be %s', (_what, value) => {
    const expected = JSON.parse(JSON.stringify(value));
    expect(claimsOf(sign({ other: value }))).toMatchObject({ additional: { other: expected } });
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['a date', now],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a large integer', 1n],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a map', new Map()],
    ['a promise', Promise.resolve(1)],
    ['a date inside a list', { a: [{ b: now }] }],
    ['a circle', circle],
    ['text with half a character', '\ud83e'],
  ])('cannot be %s', (_what, value) => {
    expect(() => sign({ plan: 'gold', other: value })).toThrow(
      new TypeError('The additional claim other is no JSON.'),
    );
  });

  test.each([...reservedClaims])('cannot replace %s', (name) => {
    expect(() => sign({ [name]: 'x' })).toThrow(
      new TypeError(
        `A token has the claim ${name} by itself, or it means something to who verifies it.`,
      ),
    );
    // @ts-expect-error Neither as a type.
    const wrong: ClaimsToAdd = { sub: 'x' };
    expect(wrong).toBeDefined();
  });

  test.each(['', '__proto__'])('cannot have the name %j', (name) => {
    expect(() => sign(JSON.parse(`{ "${name}": 1 }`))).toThrow(TypeError);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a list', ['plan']],
    ['text', 'plan'],
    ['a promise', Promise.resolve({})],
  ])('cannot be %s in place of an object', (_what, additional) => {
    expect(() => sign(additional as object)).toThrow(
      new TypeError('The additional claims are not an object.'),
    );
  });

  test('make no token of more than 4096 bytes', () => {
    const room = 4096 - sign({ other: '' }).length;
    const fits = Math.floor((room * 3) / 4) - 2;
    expect(sign({ other: 'x'.repeat(fits) }).length).toBeLessThanOrEqual(4096);
    expect(() => sign({ other: 'x'.repeat(fits + 4) })).toThrow(
      new TypeError('With its additional claims, the token is longer than 4096 bytes.'),
    );
  });

  test('do not appear with their values in an error', () => {
    const secret = 'not-to-be-logged';
    for (const wrong of [{ sub: secret }, { a: [secret, now] }, { a: secret.repeat(400) }]) {
      expect(() => sign(wrong)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(secret) }),
      );
    }
  });
});

test('the names that are refused are those of a token and those that are registered', () => {
  expect([...reservedClaims]).toEqual(
    expect.arrayContaining([
      ...Object.keys(jwt.decode(sign()) as object),
      ...['csrf', 'nbf', 'scope', 'client_id', 'cnf', 'act', 'azp', 'acr', 'amr'],
    ]),
  );
  for (const name of ['roles', 'groups', 'name', 'email'])
    expect(reservedClaims).not.toContain(name);
});
