import {
  type Guard,
  guardSchema,
  mapAccess,
  printAccessMap,
  printRequirement,
  signedIn,
} from '@sallyport/guards';
import { buildSchema, GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { guardedSchema, guards, unguardedSchema } from './guardedSchema.ts';

/** The access map in short: for each coordinate the ways to it, each as `@what it takes: { the path }`. */
function reachIn(sdl: string): Record<string, string[]> {
  const map = mapAccess(guardedSchema(sdl), { guards });
  return Object.fromEntries(
    map.map(({ coordinate, reach }) => [
      coordinate,
      reach.map(
        ({ requirements, path }) => `${requirements.map(printRequirement).join(' ')}: ${path}`,
      ),
    ]),
  );
}

describe('the access map lists a field with the weakest requirement that reaches it', () => {
  test.each([
    [
      'the requirement of the field, when the path requires less',
      '@public',
      'type T { a: ID @auth }',
      '@auth: { t { a } }',
    ],
    [
      'the requirement of the path, when the path requires more',
      '@admin',
      'type T { a: ID @auth }',
      '@admin: { t { a } }',
    ],
    [
      'the requirement of the path, when the field has none',
      '@fresh',
      'type T { a: ID }',
      '@fresh: { t { a } }',
    ],
    [
      'the requirement of the type, when the field has none',
      '@optionalAuth',
      'type T @admin { a: ID }',
      '@admin: { t { a } }',
    ],
    [
      'both requirements, when neither implies the other',
      '@fresh',
      'type T { a: ID @admin }',
      '@fresh @admin: { t { a } }',
    ],
    [
      'a guard of the server, which implies a signed-in user',
      '@auth',
      'type T { a: ID @verified }',
      '@verified: { t { a } }',
    ],
    [
      'the shorter of two maxAge limits',
      '@fresh(maxAge: 60)',
      'type T { a: ID @fresh(maxAge: 600) }',
      '@fresh(maxAge: 60): { t { a } }',
    ],
    [
      'a maxAge limit beside the limit of the server, which the map does not know',
      '@fresh',
      'type T { a: ID @fresh(maxAge: 60) }',
      '@fresh @fresh(maxAge: 60): { t { a } }',
    ],
    [
      '@public, when the path is public and the field has no requirement',
      '@public',
      'type T { a: ID }',
      '@public: { t { a } }',
    ],
    [
      '@optionalAuth, when the path refuses invalid tokens',
      '@optionalAuth',
      'type T { a: ID }',
      '@optionalAuth: { t { a } }',
    ],
  ])('%s', (_which, directive, type, way) => {
    expect(reachIn(`type Query { t: T ${directive} } ${type}`)['T.a']).toEqual([way]);
  });

  test('the shortest of the paths that require least is shown', () => {
    const reach = reachIn(`
      type Query { t: T @admin deep: Deep @auth open: Open @auth }
      type Deep { deeper: Open }
      type Open { t: T }
      type T { a: ID }
    `);
    expect(reach['T.a']).toEqual(['@auth: { open { t { a } } }']);
    expect(reach['Open.t']).toEqual(['@auth: { open { t } }']);
  });

  test('each of several requirements is shown, when none is the weakest', () => {
    const reach = reachIn(
      'type Query { a: T @admin f: T @fresh v: T @verified o: T @auth @fresh } type T { a: ID }',
    );
    expect(reach['T.a']).toEqual([
      '@admin: { a { a } }',
      '@fresh: { f { a } }',
      '@verified: { v { a } }',
    ]);
  });

  test('paths lead through interfaces, unions, mutations, subscriptions and circular types', () => {
    const reach = reachIn(`
      type Query { node: Node @admin any: Any @fresh me: User @auth }
      type Mutation { follow: User @public mutation: Post @admin }
      type Subscription { posts: [[Post!]!]! @verified }
      interface Node { id: ID }
      type User implements Node @auth { id: ID friends: [User!] posts: [Post] }
      type Post implements Node { id: ID author: User text: String @deprecated }
      type Log { line: ID }
      union Any = Log | User
    `);
    expect(reach).toMatchObject({
      'User.friends': ['@auth: { me { friends } }'],
      'User.id': ['@auth: { me { id } }'],
      'Post.id': ['@auth: { me { posts { id } } }'],
      'Node.id': ['@auth: { me { id } }'],
      'Log.line': ['@fresh: { any { ... on Log { line } } }'],
      'Mutation.follow': ['@public: mutation { follow }'],
      'Mutation.mutation': ['@admin: mutation { mutation }'],
      'Subscription.posts': ['@verified: subscription { posts }'],
    });
  });

  test('a field that no operation reaches has no path', () => {
    expect(reachIn('type Query { a: ID @public } type Lost @auth { b: ID }')['Lost.b']).toEqual([]);
  });
});

test('an access map lists for each field its directives and the places where they are written', () => {
  const sdl = `type Query { t: T @public } interface I { a: ID @fresh(maxAge: 60) }
    type T implements I @admin { a: ID @auth }`;
  const map = mapAccess(guardedSchema(sdl), { guards });
  expect(map.find(({ coordinate }) => coordinate === 'T.a')).toEqual({
    coordinate: 'T.a',
    requirements: [
      { directive: 'auth', args: {}, coordinate: 'T.a' },
      { directive: 'fresh', args: { maxAge: 60 }, coordinate: 'I.a' },
      { directive: 'admin', args: {}, coordinate: 'T' },
    ],
    reach: [
      {
        requirements: [
          { directive: 'fresh', args: { maxAge: 60 }, coordinate: 'I.a' },
          { directive: 'admin', args: {}, coordinate: 'T' },
        ],
        path: '{ t { a } }',
      },
    ],
    hasMore: false,
  });
});

test('of very many paths the map follows those that require least, and says that there are more', () => {
  const count = 18;
  const numbers = Array.from({ length: count }, (_, number) => number);
  const scope: Guard = () => null;
  const types = numbers.map(
    (from) =>
      `type T${from} { ${numbers.map((to) => `to${to}: T${(from + to * 5 + 1) % count} @scope(of: ${to})`).join(' ')} name: ID }`,
  );
  const schema = guardSchema(
    unguardedSchema(
      `directive @scope(of: Int) on FIELD_DEFINITION type Query { t: T0 @public only: Only @auth } type Only { a: ID } ${types.join(' ')}`,
    ),
    { guards: { ...guards, scope } },
  );
  const map = mapAccess(schema, { guards: { ...guards, scope } });
  const of = (name: string) => map.find(({ coordinate }) => coordinate === name);
  expect(of('T9.name')).toMatchObject({ hasMore: true });
  expect(Math.max(...map.map(({ reach }) => reach.length))).toBe(16);
  // One step away there is one that asks for a single scope, which is never among those left out.
  expect(of('T1.name')?.reach.map(({ requirements }) => requirements.length)).toContain(1);
  expect(of('T0.name')).toMatchObject({ hasMore: false, reach: [{ path: '{ t { name } }' }] });
  expect(of('Only.a')).toMatchObject({ hasMore: false, reach: [{ path: '{ only { a } }' }] });
  const page = printAccessMap(map);
  expect(page).toContain(', or ways that were not followed, because there are too many |');
  expect(page).toContain('or otherwise');
});

test('every possible type of an interface or a union is followed, in any order', () => {
  const reach = reachIn(`
    type Query { node: Node @public any: Any @public }
    interface Node { id: ID }
    type A implements Node { id: ID } type B implements Node { id: ID } type C { id: ID } type D { id: ID }
    union Any = C | D
  `);
  expect(reach).toMatchObject({
    'A.id': ['@public: { node { ... on A { id } } }'],
    'B.id': ['@public: { node { ... on B { id } } }'],
    'C.id': ['@public: { any { ... on C { id } } }'],
    'D.id': ['@public: { any { ... on D { id } } }'],
  });
});

test('the shortest path to the types of an interface is shown, in any order of the types', () => {
  const reach = reachIn(`
    type Query { far: Far @public near: Near @public }
    interface Node { id: ID }
    type Far { deep: Deep } type Deep implements Node { id: ID } type Near implements Node { id: ID }
  `);
  expect(reach['Node.id']).toEqual(['@public: { near { id } }']);
});

describe('a guard of the server implies only the requirements whose callers it refuses', () => {
  const weakGuards = {
    ...guards,
    // Passes everybody who sends anything.
    sender: ((authentication) =>
      authentication.status === 'anonymous' ? new GraphQLError('Say something.') : null) as Guard,
    // Passes everybody.
    noted: (() => null) as Guard,
  };
  const reachOf = (directives: string) => {
    const schema = guardSchema(
      unguardedSchema(
        `directive @sender on FIELD_DEFINITION directive @noted on FIELD_DEFINITION
         type Query { t: T ${directives} } type T { a: ID @auth b: ID }
         type Mutation { t: T @optionalAuth }`,
      ),
      { guards: weakGuards },
    );
    const map = mapAccess(schema, { guards: weakGuards });
    return ['T.a', 'T.b'].map((name) =>
      map
        .find(({ coordinate }) => coordinate === name)
        ?.reach.map(({ requirements }) => requirements.map(printRequirement).join(' ')),
    );
  };

  test('a guard that passes invalid tokens implies neither @auth nor @optionalAuth', () => {
    expect(reachOf('@sender')).toEqual([['@auth'], ['@sender', '@optionalAuth']]);
  });

  test('a field that asks for @auth behind such a guard asks for both', () => {
    const schema = guardSchema(
      unguardedSchema(
        `directive @sender on FIELD_DEFINITION directive @noted on FIELD_DEFINITION
         type Query { t: T @sender } type T { a: ID @auth }`,
      ),
      { guards: weakGuards },
    );
    const field = mapAccess(schema, { guards: weakGuards }).find(
      ({ coordinate }) => coordinate === 'T.a',
    );
    expect(field?.reach.map(({ requirements }) => requirements.map(printRequirement))).toEqual([
      ['@auth', '@sender'],
    ]);
  });

  test('a guard that passes every caller implies no requirement', () => {
    expect(reachOf('@noted')).toEqual([['@auth'], ['@noted', '@optionalAuth']]);
  });
});

test('a requirement that another one implies is left out', () => {
  const alike = signedIn(() => null);
  const schema = guardSchema(
    unguardedSchema('directive @alike on FIELD_DEFINITION type Query { a: ID @alike @auth }'),
    { guards: { ...guards, alike } },
  );
  const [only] = mapAccess(schema, { guards: { ...guards, alike } });
  expect(only?.reach[0]?.requirements.map(printRequirement)).toEqual(['@alike']);
});

test('of two requirements that imply each other the first one written stays', () => {
  const { fresh } = guards;
  const schema = guardSchema(
    buildSchema(`
      directive @fresh(maxAge: Int, why: String) on FIELD_DEFINITION
      type Query { t: T @fresh(maxAge: 60, why: "b") }
      type T { a: ID @fresh(maxAge: 60, why: "a") }
    `),
    { guards: { fresh } },
  );
  const map = mapAccess(schema, { guards: { fresh } });
  const only = map.find(({ coordinate }) => coordinate === 'T.a');
  expect(only?.reach[0]?.requirements.map(printRequirement)).toEqual([
    '@fresh(maxAge: 60, why: "b")',
  ]);
});
