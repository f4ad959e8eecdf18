import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError, GraphQLScalarType, graphql, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  assertGuarded,
  authTypeDefs,
  callers,
  createGate,
  type GateContext,
  type Refused,
  signedIn,
  type TypeDefs,
} from '../../src/index.ts';
import { create, loadUser, needed, secret, typeDefs } from './settings.ts';

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
