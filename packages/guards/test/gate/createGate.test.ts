import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError, GraphQLScalarType, graphql, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type Asked,
  assertGuarded,
  authTypeDefs,
  callers,
  createGate,
  createKeyRing,
  type GateContext,
  type GateSettings,
  type Refused,
  signedIn,
  type TypeDefs,
} from '../../src/index.ts';

const secret = 'at least 32 bytes, from the environment';
const loadUser: GateSettings<{ id: string }>['loadUser'] = async ({ sub, sid }) =>
  sid === 'ended' ? { reason: 'TOKEN_REVOKED' } : { user: { id: sub }, isAdmin: false };
const typeDefs = 'type Query { time: String @public me: String @auth }';
const needed = { typeDefs, secret, loadUser };

const create = (settings: object) => () => createGate(settings as GateSettings<{ id: string }>);

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

describe('the schema', () => {
  test('is guarded, from type definitions and from a schema', () => {
    const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs] });
    expect(() => assertGuarded(createGate(needed).schema)).not.toThrow();
    expect(() => assertGuarded(createGate({ schema, secret, loadUser }).schema)).not.toThrow();
  });

  test.each<{ title: string; given: TypeDefs }>([
    { title: 'a text', given: typeDefs },
    { title: 'a document', given: parse(typeDefs) },
    {
      title: 'a list, with one type in two parts',
      given: [typeDefs, 'type Query { more: Int @auth }'],
    },
    { title: 'type definitions that have all access directives', given: [authTypeDefs, typeDefs] },
    {
      title: 'a list within a list',
      given: [[parse('extend type Query { more: Int @auth }')], [typeDefs]],
    },
    { title: 'an extension of Query alone', given: 'extend type Query { me: String @auth }' },
    { title: 'the access directives twice', given: [authTypeDefs, authTypeDefs, typeDefs] },
    {
      title: 'type definitions that have one of the access directives',
      given: ['directive @auth on FIELD_DEFINITION', typeDefs],
    },
  ])('is made of $title', async ({ given }) => {
    const { schema } = createGate({ typeDefs: given, secret, loadUser });
    const contextValue = { authentication: callers.anonymous };
    const { errors } = await graphql({ schema, source: '{ me }', contextValue });
    expect(errors?.[0]?.extensions['reason']).toBe('TOKEN_MISSING');
  });

  test('has the resolvers of fields, types, scalars and enums', async () => {
    const { schema } = createGate({
      ...needed,
      typeDefs: `
        scalar Day @specifiedBy(url: "https://example.com/day")
        enum Color { RED BLUE }
        interface Node { id: ID }
        type Car implements Node { id: ID color: Color }
        type Boat implements Node { id: ID }
        union Thing = Car | Boat
        type Query {
          node(color: Color = RED): Node @public
          thing: Thing @public
          day(of: Day): Day @public
          count: Int @public
        }
      `,
      resolvers: [
        {
          Color: { RED: '#f00' },
          Day: new GraphQLScalarType({
            name: 'Day',
            serialize: (value) => `day ${value}`,
            parseValue: Number,
          }),
          Node: { __resolveType: ({ color }: { color?: string }) => (color ? 'Car' : 'Boat') },
          Query: {
            node: (_root: unknown, { color }: { color: string }) => ({ id: 1, color }),
            count: () => 1,
          },
        },
        {
          Boat: { __isTypeOf: () => true, id: { resolve: () => 'boat' } },
          Car: { __isTypeOf: () => false },
          Query: {
            thing: () => ({}),
            day: (_root: unknown, { of }: { of: number }) => of + 1,
            count: () => 2,
          },
        },
      ],
    });
    const source = `{
      node { id ... on Car { color } }
      thing { __typename ... on Boat { id } }
      day(of: "6") count
    }`;
    const contextValue = { authentication: callers.anonymous };
    const { data, errors } = await graphql({ schema, source, contextValue });
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      node: null,
      thing: { __typename: 'Boat', id: 'boat' },
      day: 'day 7',
      count: 2,
    });
    // `__isTypeOf` says so, of a car that `__resolveType` has found.
    expect(errors?.[0]?.message).toContain(
      'Expected value of type "Car" but got: { id: 1, color: "#f00" }',
    );
  });

  test('may have fields and enum values with the names of inherited properties of objects', async () => {
    const { schema } = createGate({
      ...needed,
      typeDefs: `
        enum Kind { race toString }
        type Team { name: String }
        type Result { name: String constructor: Team toString: Kind }
        type Query { result: Result @public }
      `,
      resolvers: {
        Query: {
          result: () => ({ name: 'Monza', constructor: { name: 'Ferrari' }, toString: 'toString' }),
        },
        Result: { name: ({ name }: { name: string }) => name },
        Kind: { race: 1 },
      },
    });
    const source = '{ result { constructor { name } toString } }';
    const contextValue = { authentication: callers.anonymous };
    const { data, errors } = await graphql({ schema, source, contextValue });
    expect(errors).toBeUndefined();
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      result: { constructor: { name: 'Ferrari' }, toString: 'toString' },
    });
  });

  test('refuses resolvers of unknown fields and types', () => {
    const resolvers = { Query: { tme: () => 1 }, Item: { id: () => 1 } };
    expect(create({ ...needed, resolvers })).toThrow(
      'Query.tme has a resolver, and is not in the type definitions.\nItem has resolvers, and is not in the type definitions.',
    );
  });

  test('may declare a directive of the engine with other arguments', () => {
    const own = 'directive @owner(of: Int!) on FIELD_DEFINITION';
    const sdl = `${own} type Query { a: A @auth } type A { b: Int @owner(of: 1) }`;
    const guards = { owner: signedIn((_caller, { of }) => new GraphQLError(String(of))) };
    const { schema } = createGate({ ...needed, typeDefs: sdl, guards });
    expect(schema.getDirective('owner')?.args.map(({ name }) => name)).toEqual(['of']);
  });

  test('has the guards of the settings after the others, and calls onRefusal', async () => {
    const told: Refused[] = [];
    const named = signedIn<{ id: string }>(({ user }) => new GraphQLError(`Not ${user.id}.`));
    const { schema, guards } = createGate({
      typeDefs: `
        directive @named on FIELD_DEFINITION
        directive @cacheControl(maxAge: Int) on FIELD_DEFINITION
        type Query { me: String @named @auth @cacheControl(maxAge: 1) }
      `,
      secret,
      loadUser,
      guards: { named },
      others: ['cacheControl'],
      onRefusal: (refused) => told.push(refused),
    });
    expect(Object.keys(guards).at(-1)).toBe('named');
    const contextValue = { authentication: { ...callers.user, user: { id: '7' } } };
    const { errors } = await graphql({ schema, source: '{ me }', contextValue });
    expect(errors?.[0]?.message).toBe('Not 7.');
    expect(told.map(({ coordinate }) => coordinate)).toEqual(['Query.me']);
  });

  test('guards a resolver that is assigned later', async () => {
    const { schema } = createGate(needed);
    const field = schema.getQueryType()?.getFields()['me'];
    if (field) field.resolve = () => 'ada';
    const contextValue = { authentication: callers.anonymous };
    const { data } = await graphql({ schema, source: '{ me }', contextValue });
    expect(data?.['me']).toBeNull();
    expect(() => assertGuarded(schema)).not.toThrow();
  });

  test('hides the caller from a public resolver, which may write to the context', async () => {
    type Context = GateContext & { seen?: string };
    const { schema } = createGate({
      ...needed,
      typeDefs: 'type Query { time: String @public me: String @auth }',
      resolvers: {
        Query: {
          time(_root: unknown, _args: unknown, context: Context) {
            context.seen = context.authentication.status;
            return context.seen;
          },
          me: (_root: unknown, _args: unknown, { authentication }: Context) =>
            authentication.status,
        },
      },
    });
    const contextValue: Context = { authentication: callers.user };
    const { data } = await graphql({ schema, source: '{ time me }', contextValue });
    expect(data).toEqual({ time: 'anonymous', me: 'authenticated' });
    expect(contextValue.seen).toBe('anonymous');
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

describe('the first door', () => {
  const gate = createGate({
    typeDefs: `
      type Query { time: String @public me: String @auth mine(of: ID = "2"): String @self(argument: "of") }
      type Mutation { open: Int @public remove: Int @admin }
    `,
    secret,
    loadUser,
  });
  async function ask(query: string, more: Partial<Asked> = {}) {
    let asked = 0;
    const { errors, dependsOnCaller, context } = await gate.admit(
      { schema: gate.schema, document: parse(query), ...more },
      async () => {
        asked++;
        return { ...callers.user, user: { id: '1' } };
      },
    );
    const reasons = errors.map(({ extensions }) => extensions['reason']);
    return { reasons, dependsOnCaller, status: context.authentication.status, asked };
  }
  const known = { dependsOnCaller: true, status: 'authenticated', asked: 1 };
  const several = 'query Time { time } mutation Remove { open remove }';

  test('authenticates no caller for public fields', async () => {
    const unknown = { reasons: [], dependsOnCaller: false, status: 'anonymous', asked: 0 };
    expect(await ask('{ time }')).toEqual(unknown);
    expect(await ask(several, { operationName: 'Time' })).toEqual(unknown);
  });

  test.each([
    ['the named operation', several, 'Remove'],
    ['all operations, without an operation name', several, null],
    ['all operations, when none has the name', several, 'Else'],
    ['all operations, when the name is empty', several, ''],
    ['the only operation, when it has another name', 'mutation Remove { remove }', 'Else'],
    [
      'each operation of the name, in a document that was not validated',
      'query A { time } mutation A { open remove }',
      'A',
    ],
    ['each of several operations without a name', 'query { time } mutation { open remove }', null],
  ])('judges %s', async (_title, query, operationName) => {
    expect(await ask(query, { operationName })).toEqual({ ...known, reasons: ['ADMIN_REQUIRED'] });
  });

  test('judges 100 operations of a document, and refuses 300 long ones when the operation name is not known', async () => {
    const document = (operations: number, fields: number) => {
      const names = Array.from({ length: operations }, (_, index) => `query A${index} { ...F }`);
      const times = Array.from({ length: fields }, (_, index) => `time${index}: time`);
      return `${names.join('\n')} fragment F on Query { ${times.join(' ')} }`;
    };
    const unknown = { reasons: [], dependsOnCaller: false, status: 'anonymous', asked: 0 };
    expect(await ask(document(100, 50))).toEqual(unknown);
    expect(await ask(document(1, 20_000))).toEqual(unknown);
    expect(await ask(document(300, 300), { operationName: 'A299' })).toEqual(unknown);
    const { errors, dependsOnCaller } = await gate.admit(
      { schema: gate.schema, document: parse(document(300, 300)) },
      () => expect.fail('It is not known who it is.'),
    );
    expect(dependsOnCaller).toBe(false);
    expect(errors.map(({ message, extensions }) => [message, extensions['code']])).toEqual([
      [
        'Nobody says which operation of this document will run, and it has too many to judge them all.',
        'BAD_USER_INPUT',
      ],
    ]);
  });

  test('judges arguments, unless their values are unknown', async () => {
    expect((await ask('{ mine }')).reasons).toEqual(['SELF_REQUIRED']);
    const query = 'query ($of: ID = "2") { mine(of: $of) }';
    expect((await ask(query)).reasons).toEqual(['SELF_REQUIRED']);
    expect((await ask(query, { variables: { of: '1' } })).reasons).toEqual([]);
    expect((await ask(query, { variables: 'unknown' })).reasons).toEqual([]);
  });

  test('refuses another schema that is not guarded', async () => {
    const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs] });
    await expect(ask('{ me }', { schema })).rejects.toThrow('This schema has no guards');
  });

  test('rejects with the error that a loader throws', async () => {
    const down = createGate({
      ...needed,
      loadUser: async () => {
        throw new Error('The database is down.');
      },
    });
    const token = `Bearer ${down.signAccess({ sub: '1', sid: 'a' })}`;
    await expect(down.authenticate([token])).rejects.toThrow('The database is down.');
  });
});
