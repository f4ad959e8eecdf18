import { makeExecutableSchema } from '@graphql-tools/schema';
import { describe, expect, test } from 'vitest';
import { authTypeDefs, createGate, createKeyRing } from '../../src/index.ts';
import { create, loadUser, needed, secret, typeDefs } from './settings.ts';

describe('createGate refuses settings', () => {
  const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs] });
  const keys = createKeyRing({ secret });
  test.each<[object, string]>([
    [{}, 'createGate needs typeDefs, or a schema that has the access directives.'],
    [{ ...needed, schema }, 'createGate takes typeDefs or a schema, not both.'],
    [
      { schema, resolvers: {}, secret, loadUser },
      'createGate takes resolvers with typeDefs only: a schema has its own.',
    ],
    [{ typeDefs, loadUser }, 'createGate needs a secret of at least 32 bytes, or keys.'],
    [{ ...needed, secret: '' }, 'createGate needs a secret of at least 32 bytes, or keys.'],
    [{ ...needed, secret: 7 }, 'createGate needs a secret that is a text.'],
    [{ ...needed, secret: 'short' }, 'A secret key must have at least 32 bytes.'],
    [{ ...needed, keys }, 'createGate takes a secret or keys, not both.'],
    [{ typeDefs, secret }, 'createGate needs loadUser, which finds the user of a token.'],
    [{ ...needed, onRefusl: () => {} }, 'createGate has no setting onRefusl.'],
    [
      { ...needed, freshSeconds: '300' },
      'createGate takes for freshSeconds a whole number of seconds.',
    ],
    [
      { ...needed, leewaySeconds: -1 },
      'createGate takes for leewaySeconds a whole number of seconds.',
    ],
    [
      { ...needed, lifeSeconds: { access: 0 } },
      'createGate takes for lifeSeconds whole numbers of seconds, for access and refresh.',
    ],
    [
      { ...needed, lifeSeconds: { acces: 60 } },
      'createGate takes for lifeSeconds whole numbers of seconds, for access and refresh.',
    ],
    [
      { ...needed, loadUserOfIssuer: loadUser },
      'createGate takes issuers and loadUserOfIssuer together: without either, their tokens are invalid.',
    ],
    [{ ...needed, issuer: '' }, 'createGate takes for issuer a text.'],
    [{ ...needed, clock: new Date() }, 'createGate takes for clock a function.'],
    [{ ...needed, others: 'cacheControl' }, 'createGate takes for others a list of names.'],
    [
      { ...needed, typeDefs: 'type Query { all: Int }' },
      'Query.all has no access directive: add @auth, @fresh, @admin, @optionalAuth or @public.',
    ],
  ])('%o', (settings, message) => {
    expect(create(settings)).toThrow(new TypeError(message));
  });

  test('no message contains the secret', () => {
    expect(create({ ...needed, secret: 'hush' })).toThrow(/^(?!.*hush)/);
  });
});

describe('access tokens of the gate', () => {
  const now = new Date('2030-01-01T12:00:00Z');
  const gate = createGate({ ...needed, issuer: 'shop', clock: () => now });
  const claimsOf = (token: string) => {
    const verified = gate.tokens.verifyAccess(token, now);
    return 'claims' in verified ? verified.claims : verified.reason;
  };

  test('are fresh after a password check, and not fresh after an earlier one', () => {
    const seconds = now.getTime() / 1000;
    expect(claimsOf(gate.signAccess({ sub: '1', sid: 'laptop' }))).toMatchObject({
      ...{ sub: '1', sid: 'laptop', gen: 0, iat: seconds, exp: seconds + 900 },
      ...{ auth_time: seconds, fresh: true },
    });
    const passwordCheckedAt = new Date('2030-01-01T11:00:00Z');
    expect(
      claimsOf(gate.signAccess({ sub: '1', sid: 'a', gen: 3, passwordCheckedAt })),
    ).toMatchObject({ gen: 3, auth_time: seconds - 3600, fresh: false });
  });

  test('are bound to one issuer, one audience and one clock', async () => {
    const other = createGate({ ...needed, issuer: 'mall', clock: () => now });
    const token = other.signAccess({ sub: '1', sid: 'laptop' });
    expect(claimsOf(token)).toBe('TOKEN_INVALID');
    const later = createGate({ ...needed, issuer: 'shop' });
    expect(
      await later.authenticate([`Bearer ${gate.signAccess({ sub: '1', sid: 'a' })}`]),
    ).toMatchObject({ status: 'rejected', error: { reason: 'TOKEN_INVALID' } });
  });

  test('are accepted beside tokens of other issuers', async () => {
    const token = { issuer: 'https://else', subject: 'ada', scopes: ['read'], expiresAt: 9e9 };
    const foreign = { ...token, authenticatedAt: null, claims: {} };
    const both = createGate({
      ...needed,
      issuers: {
        leewaySeconds: 0,
        issuerOf: (text) => (text === 'theirs' ? 'https://else' : null),
        verify: async () => ({ token: foreign }),
        loadKeys: async () => [],
      },
      loadUserOfIssuer: async ({ subject }) => ({ user: { id: subject }, isAdmin: false }),
    });
    expect(await both.authenticate(['Bearer theirs'])).toMatchObject({
      status: 'authenticated',
      user: { id: 'ada' },
      scopes: ['read'],
    });
    expect((await both.authenticate(['Bearer nobodys'])).status).toBe('rejected');
    const own = `Bearer ${both.signAccess({ sub: '1', sid: 'a' })}`;
    expect((await both.authenticate([own])).status).toBe('authenticated');
  });

  test('live as long as lifeSeconds says', () => {
    const short = createGate({ ...needed, lifeSeconds: { access: 60 }, clock: () => now });
    const verified = short.tokens.verifyAccess(short.signAccess({ sub: '1', sid: 'a' }), now);
    const { iat = 0, exp = 0 } = 'claims' in verified ? verified.claims : {};
    expect(exp - iat).toBe(60);
  });

  test('are verified with the current keys', async () => {
    let keys = createKeyRing({ secret });
    const turning = createGate({ typeDefs, loadUser, keys: () => keys });
    const token = `Bearer ${turning.signAccess({ sub: '1', sid: 'a' })}`;
    expect((await turning.authenticate([token])).status).toBe('authenticated');
    keys = createKeyRing({ secret: 'another one, of at least 32 bytes' });
    expect((await turning.authenticate([token])).status).toBe('rejected');
  });
});
