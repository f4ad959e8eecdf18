import { makeExecutableSchema } from '@graphql-tools/schema';
import { authGuards, authTypeDefs, guardSchema } from '@sallyport/guards';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { describe, expect, test } from 'vitest';
import { guards } from './guardedSchema.ts';

const everywhere = [
  'SCHEMA | SCALAR | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INTERFACE | UNION | ENUM',
  'ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION',
].join(' | ');

/** The problems that stop the start of a server whose directives may stand anywhere, as far as the language goes. */
function problemsOf(sdl: string): string[] {
  const typeDefs = ['auth', 'fresh', 'admin', 'optionalAuth', 'public', 'verified'].map(
    (name) => `directive @${name}${name === 'fresh' ? '(maxAge: Int)' : ''} on ${everywhere}`,
  );
  const schema = makeExecutableSchema({ typeDefs: [...typeDefs, sdl] });
  try {
    guardSchema(schema, { guards });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message.split('\n');
  }
}

const query = 'type Query { a: ID @public }';
const notEnforced =
  'which nothing enforces there: put it on a field, an object type or an interface.';

describe('a directive on a place where it cannot be enforced is refused at the start:', () => {
  test.each([
    ['an argument', 'Query.b(c:)', 'extend type Query { b(c: ID @auth): ID @auth }'],
    ['an argument of an interface', 'Node.b(c:)', 'interface Node { b(c: ID @auth): ID }'],
    ['an argument of a directive', '@other(a:)', 'directive @other(a: ID @auth) on FIELD'],
    ['an input object', 'In', 'input In @auth { a: ID }'],
    ['an input field', 'In.a', 'input In { a: ID @auth }'],
    ['an extension of an input object', 'In', 'input In { a: ID } extend input In @auth'],
    ['an enum', 'E', 'enum E @auth { A }'],
    ['an enum value', 'E.A', 'enum E { A @auth }'],
    ['a union', 'U', 'type T { a: ID } union U @auth = T'],
    ['a scalar', 'S', 'scalar S @auth'],
    ['the schema', 'schema', 'schema @auth { query: Query }'],
  ])('%s', (_place, coordinate, sdl) => {
    expect(problemsOf(`${query} ${sdl}`)).toEqual([`${coordinate} has @auth, ${notEnforced}`]);
  });

  test.each(['public', 'optionalAuth', 'fresh', 'admin', 'verified'])(
    '@%s is refused in the same way',
    (directive) => {
      expect(problemsOf(`${query} enum E { A @${directive} }`)).toEqual([
        `E.A has @${directive}, ${notEnforced}`,
      ]);
    },
  );
});

describe('@public and @optionalAuth are for root fields', () => {
  const onlyOnRoot =
    'which is only for fields of Query, Mutation and Subscription: any other field is as open as the fields that lead to it.';
  test.each(['public', 'optionalAuth'])('@%s is refused on other places', (directive) => {
    const sdl = `type T @${directive} { a: ID @${directive} } interface I @${directive} { b: ID @${directive} }`;
    expect(problemsOf(`${query} ${sdl}`)).toEqual(
      ['T', 'T.a', 'I', 'I.b'].map(
        (coordinate) => `${coordinate} has @${directive}, ${onlyOnRoot}`,
      ),
    );
  });

  test.each(['Query', 'Mutation', 'Subscription'])(
    'they are allowed on the root fields of %s',
    (type) => {
      const sdl = `extend type ${type} { b: ID @public c: ID @optionalAuth }`;
      const base = type === 'Query' ? query : `${query} type ${type}`;
      expect(problemsOf(`${base} ${sdl}`)).toEqual([]);
    },
  );

  test('they are allowed on root types of any name', () => {
    const sdl = 'schema { query: Root } type Root { a: ID @public } type Query { b: ID @public }';
    expect(problemsOf(sdl)).toEqual([`Query.b has @public, ${onlyOnRoot}`]);
  });
});

describe('directives that contradict each other are refused at the start', () => {
  test.each([
    ['type Query { a: ID @public @auth }', 'Query.a has @public, which contradicts @auth.'],
    [
      'type Query { a: ID @optionalAuth @fresh(maxAge: 60) }',
      'Query.a has @optionalAuth, which contradicts @fresh(maxAge: 60).',
    ],
    ['type Query { a: ID @public @verified }', 'Query.a has @public, which contradicts @verified.'],
    [
      'type Query @auth { a: ID @public }',
      'Query.a has @public, which contradicts @auth of Query.',
    ],
    [
      'type Query { a: ID @public @optionalAuth }',
      'Query.a has @public, which contradicts @optionalAuth.',
    ],
    [
      'interface Root { a: ID @admin } type Query implements Root { a: ID @optionalAuth }',
      'Query.a has @optionalAuth, which contradicts @admin of Root.a.',
    ],
  ])('%s', (sdl, problem) => {
    expect(problemsOf(sdl)).toEqual([problem]);
  });

  test('directives that repeat the same requirement are allowed', () => {
    expect(problemsOf('type Query @auth { a: ID @auth @admin @fresh @verified }')).toEqual([]);
  });
});

describe('a root field without an access directive is refused at the start', () => {
  test.each(['Query', 'Mutation', 'Subscription'])('on %s', (type) => {
    const rest = type === 'Query' ? '' : query;
    const sdl = `directive @other on FIELD_DEFINITION type ${type} { reports: ID @other }`;
    const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, rest, sdl] });
    expect(() =>
      guardSchema(schema, { guards: authGuards({ freshSeconds: 300 }), others: ['other'] }),
    ).toThrow(
      new TypeError(
        `${type}.reports has no access directive: add @auth, @fresh, @admin, @optionalAuth or @public.`,
      ),
    );
  });

  test('the message lists the guards of the server too', () => {
    expect(problemsOf('type Query { reports: ID }')).toEqual([
      'Query.reports has no access directive: add @auth, @fresh, @admin, @verified, @optionalAuth or @public.',
    ]);
  });

  test('a directive of its type, or of an interface of its type, is enough', () => {
    expect(problemsOf('type Query @auth { a: ID }')).toEqual([]);
    expect(problemsOf('interface I { a: ID @auth } type Query implements I { a: ID }')).toEqual([]);
  });
});

test('all problems are reported together', () => {
  expect(problemsOf('type Query { a: ID b: ID @public @auth } enum E { A @auth }')).toHaveLength(3);
});

describe('a guard or a directive that cannot be enforced is refused at the start:', () => {
  const schemaOf = (sdl: string) => makeExecutableSchema({ typeDefs: [authTypeDefs, sdl] });
  const own = authGuards({ freshSeconds: 300 });
  const can = 'directive @can(do: Role) on FIELD_DEFINITION enum Role { READ WRITE }';
  const code = (directives: unknown) =>
    new GraphQLSchema({
      query: new GraphQLObjectType({
        name: 'Query',
        fields: { me: { type: GraphQLString, extensions: { directives } } },
      }),
    });
  const unreadable =
    'Query.me has extensions.directives that are not an object of arguments by name.';

  test.each<[string, GraphQLSchema, object, string]>([
    [
      'a guard that is missing',
      schemaOf(`${query} type T { a: ID @admin }`),
      { public: null },
      'T.a has @admin, for which there is no guard.',
    ],
    [
      'a guard that is undefined',
      schemaOf(`${can} ${query}`),
      { ...own, can: undefined },
      '@can has a guard that is no function.',
    ],
    [
      'null for a guard of the server',
      schemaOf(`${can} ${query}`),
      { ...own, can: null },
      '@can has a guard that is no function.',
    ],
    [
      'a slip in the name of a guard',
      schemaOf(`${can} ${query}`),
      { ...own, cann: () => null },
      '@cann has a guard, and the schema does not define it.',
    ],
    [
      'a negative maxAge',
      schemaOf(`${query} type T { a: ID @fresh(maxAge: -1) }`),
      own,
      'T.a has @fresh, whose maxAge is not a whole number of seconds.',
    ],
    ['a list in extensions.directives', code([{ name: 'auth', args: {} }]), own, unreadable],
    ['null in extensions.directives', code({ auth: null }), own, unreadable],
    [
      'text for maxAge in extensions.directives',
      code({ fresh: { maxAge: '10' } }),
      own,
      'Query.me has @fresh, whose maxAge is not a whole number of seconds.',
    ],
  ])('%s', (_what, schema, all, problem) => {
    expect(() => guardSchema(schema, { guards: all as typeof guards })).toThrow(
      new TypeError(problem),
    );
  });

  test('two arguments with the same printed form are refused', () => {
    const typeDefs = `${can} type Query { r: Int @can(do: READ) w: Int @can(do: WRITE) }`;
    const resolvers = { Role: { READ: Symbol('a'), WRITE: Symbol('b') } };
    const schema = makeExecutableSchema({ typeDefs, resolvers });
    const problem = 'whose arguments are not all text, numbers, booleans, lists and objects.';
    expect(() => guardSchema(schema, { guards: { can: () => null } })).toThrow(
      new TypeError(`Query.r has @can, ${problem}\nQuery.w has @can, ${problem}`),
    );
  });

  test.each([
    ['a field', 'type Query { a: ID @auth } type T { a: ID @scope(of: "x") }', 'T.a'],
    ['a root field', 'type Query { a: ID @auth @scope(of: "x") }', 'Query.a'],
    ['a type', 'type Query { a: ID @auth } type T @scope(of: "x") { a: ID }', 'T'],
    ['an extension of a type', `${query} type T { a: ID } extend type T @scope(of: "x")`, 'T'],
    ['an interface', `${query} interface I @scope(of: "x") { a: ID }`, 'I'],
    ['a field of an interface', `${query} interface I { a: ID @scope(of: "x") }`, 'I.a'],
  ])('a declared directive on %s without a guard is refused', (_where, sdl, coordinate) => {
    const declared = 'directive @scope(of: String) on FIELD_DEFINITION | OBJECT | INTERFACE';
    const schema = schemaOf(`${declared} ${sdl}`);
    expect(() => guardSchema(schema, { guards: own })).toThrow(
      new TypeError(
        `${coordinate} has @scope, which is no guard: give it one, or name it in others if it decides nothing about access.`,
      ),
    );
    expect(() => guardSchema(schema, { guards: own, others: ['scope'] })).not.toThrow();
  });

  test('a directive of the engine, or one with a guard, is refused among the others', () => {
    const schema = schemaOf(`${can} type Query { me: ID @can(do: READ) }`);
    const settings = { guards: { can: () => null }, others: ['can', 'auth'] };
    expect(() => guardSchema(schema, settings)).toThrow(
      new TypeError(
        '@can is a guard, and cannot be one of the others.\n@auth is a guard, and cannot be one of the others.',
      ),
    );
  });

  test('the directives of GraphQL itself are allowed', () => {
    const sdl = 'type Query { me: ID @auth @deprecated(reason: "Ask you.") }';
    expect(() => guardSchema(schemaOf(sdl), { guards: own })).not.toThrow();
  });

  test('a schema built from objects, without SDL, is allowed', () => {
    const schema = guardSchema(code({ fresh: { maxAge: 60 } }), { guards: own });
    const field = schema.getQueryType()?.getFields()['me'];
    expect(field?.description).toBe('Requires: a password check at most 60 seconds ago.');
  });
});
