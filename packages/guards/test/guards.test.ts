import { type Authentication, anonymous, type Guard, guardSchema } from '@sallyport/guards';
import { describe, expect, test, vi } from 'vitest';
import {
  caller,
  failures,
  guardedSchema,
  guards,
  rejected,
  run,
  unguardedSchema,
} from './guardedSchema.ts';
import { refusals } from './refusals.ts';

describe('several directives on a field', () => {
  const orders = ['@auth @fresh @admin', '@admin @fresh @auth', '@fresh @admin', '@admin @fresh'];

  test.each(orders)(
    'written as %s, the error is that of the token, then freshness, then admin',
    (order) => {
      const secret = vi.fn(() => 'told');
      const schema = guardedSchema(`type Query { secret: String ${order} }`, { Query: { secret } });
      const ask = (authentication: Authentication) => run(schema, '{ secret }', authentication);
      expect(failures(ask(anonymous))).toEqual([refusals.missing]);
      expect(failures(ask(rejected))).toEqual([refusals.revoked]);
      expect(failures(ask(caller()))).toEqual([refusals.freshRequired]);
      expect(failures(ask(caller({ isAdmin: true })))).toEqual([refusals.freshRequired]);
      expect(failures(ask(caller({ passwordAgeSeconds: 1 })))).toEqual([refusals.adminRequired]);
      expect(secret).not.toHaveBeenCalled();
      const allowed = caller({ passwordAgeSeconds: 1, isAdmin: true });
      expect(ask(allowed)).toEqual({ data: { secret: 'told' } });
      expect(secret).toHaveBeenCalledTimes(1);
    },
  );
});

describe('each directive alone', () => {
  const schema = guardedSchema(`type Query {
    public: ID @public  optional: ID @optionalAuth  auth: ID @auth
    fresh: ID @fresh  admin: ID @admin  verified: ID @verified
  }`);
  const names = ['public', 'optional', 'auth', 'fresh', 'admin', 'verified'];

  test.each<[string, Authentication, string[]]>([
    ['an anonymous caller', anonymous, ['public', 'optional']],
    ['a caller whose token was rejected', rejected, ['public']],
    ['a user', caller(), ['public', 'optional', 'auth', 'verified']],
    ['a fresh user', caller({ passwordAgeSeconds: 0 }), names.filter((name) => name !== 'admin')],
    ['an administrator', caller({ isAdmin: true }), names.filter((name) => name !== 'fresh')],
    [
      'a user whom a guard of one function refuses',
      caller({ user: { verified: false } }),
      ['public', 'optional', 'auth'],
    ],
  ])(
    'lets %s read the fields that admit them, and no other field',
    (_who, authentication, seen) => {
      const root = Object.fromEntries(names.map((name) => [name, name]));
      const { data } = run(schema, `{ ${names.join(' ')} }`, authentication, root);
      expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual(seen);
    },
  );

  test('a guard of one function refuses with its own error', () => {
    const result = run(schema, '{ verified }', caller({ user: { verified: false } }));
    expect(failures(result)).toEqual([{ message: 'Verify your address first.' }]);
  });

  test.each<[string, unknown]>([
    ['a promise that was not awaited', Promise.resolve(anonymous)],
    ['no authentication', {}],
    ['the user in place of the authentication', { id: 1, isAdmin: true, passwordAgeSeconds: 0 }],
  ])('refuses every caller when the context has %s', (_what, authentication) => {
    const result = run(schema, `{ ${names.join(' ')} }`, authentication as Authentication);
    expect(Object.values(result.data ?? {}).filter((value) => value !== null)).toEqual([]);
    expect(failures(result).map(({ message }) => message)).toEqual(
      Array(5).fill('The authentication in the context is not an Authentication.'),
    );
  });

  test.each([
    ['returns undefined', (() => undefined) as unknown as Guard],
    ['returns a promise', (async () => null) as unknown as Guard],
    ['returns true', (() => true) as unknown as Guard],
  ])('a guard that %s refuses every caller', (_how, verified) => {
    const secret = vi.fn(() => 'told');
    const schema = guardSchema(
      unguardedSchema('type Query { secret: ID @verified }', { Query: { secret } }),
      { guards: { ...guards, verified } },
    );
    expect(failures(run(schema, '{ secret }', caller()))).toEqual([
      { message: 'A guard gave neither null nor an error at once.' },
    ]);
    expect(secret).not.toHaveBeenCalled();
  });

  test.each([
    ['@fresh', 300],
    ['@fresh(maxAge: 60)', 60],
    ['@fresh(maxAge: 0)', 0],
    ['@fresh(maxAge: 6000)', 6000],
    ['@fresh(maxAge: null)', 300],
  ])('%s admits a token for %i s after the password check', (directive, maxAge) => {
    const secret = guardedSchema(`type Query { secret: ID ${directive} }`);
    const ask = (passwordAgeSeconds: number | null) =>
      run(secret, '{ secret }', caller({ passwordAgeSeconds }), { secret: 's' });
    expect(ask(maxAge)).toEqual({ data: { secret: 's' } });
    const notFresh = { ...refusals.freshRequired, maxAge };
    expect(failures(ask(maxAge + 1))).toEqual([notFresh]);
    expect(failures(ask(null))).toEqual([notFresh]);
  });
});
