import { makeExecutableSchema, mergeSchemas } from '@graphql-tools/schema';
import { anonymous, assertGuarded, authTypeDefs, guardSchema } from '@sallyport/guards';
import {
  extendSchema,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  lexicographicSortSchema,
  parse,
  subscribe,
} from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { caller, failures, run } from './guardedSchema.ts';
import { refusals } from './refusals.ts';
import { guards, problemOf, rebuild, served, source, told } from './servedSchema.ts';

const without = (coordinate: string, directive: string) =>
  `${coordinate} is served without the guard of ${directive}: guard the schema last, after everything that adds or rebuilds its fields.`;

function replaceField(schema: GraphQLSchema, coordinate: string, change: object): GraphQLSchema {
  const [typeName = '', fieldName = ''] = coordinate.split('.');
  const fields = (schema.getType(typeName) as GraphQLObjectType).getFields();
  const { resolve: _resolve, subscribe: _subscribe, ...field } = fields[fieldName] ?? {};
  Object.assign(fields, { [fieldName]: { ...field, ...change } });
  return schema;
}

describe('a schema is refused when a field was added or rebuilt after guardSchema', () => {
  test.each<[string, (schema: GraphQLSchema) => GraphQLSchema, string]>([
    [
      'by extendSchema, at the root',
      (schema) => extendSchema(schema, parse('extend type Query { later: String @auth }')),
      without('Query.later', '@auth'),
    ],
    [
      'by extendSchema, at the root, without a directive',
      (schema) => extendSchema(schema, parse('extend type Query { later: String }')),
      'Query.later has no access directive: add @auth, @fresh, @admin, @optionalAuth or @public.',
    ],
    [
      'by extendSchema, below the root',
      (schema) => extendSchema(schema, parse('extend type Thing { later: String @admin }')),
      without('Thing.later', '@admin'),
    ],
    [
      'by extendSchema, in a type that has a directive',
      (schema) => extendSchema(schema, parse('extend type Closed { later: String }')),
      without('Closed.later', '@auth'),
    ],
    [
      'by an extension that gives a directive to its type',
      (schema) => extendSchema(schema, parse('extend type Thing @admin')),
      `${without('Thing.plain', '@admin')}\n${without('Thing.secret', '@auth @admin')}`,
    ],
    [
      'by extendSchema, with an unknown directive',
      (schema) =>
        extendSchema(
          schema,
          parse('directive @scope on FIELD_DEFINITION extend type Thing { later: String @scope }'),
        ),
      'Thing.later has @scope, which is no guard: give it one, or name it in others if it decides nothing about access.',
    ],
    [
      'by mergeSchemas',
      (schema) =>
        mergeSchemas({ schemas: [schema], typeDefs: 'extend type Thing { later: String @auth }' }),
      without('Thing.later', '@auth'),
    ],
    [
      'by mergeSchemas with resolvers',
      (schema) => mergeSchemas({ schemas: [schema], resolvers: { Query: { secret: told } } }),
      without('Query.secret', '@auth'),
    ],
    [
      'by a transformer, with another resolver',
      rebuild('Thing.secret', () => ({ resolve: told })),
      without('Thing.secret', '@auth'),
    ],
    [
      'by a transformer that drops the extensions and the syntax node of the field',
      rebuild('Thing.secret', () => ({ resolve: told, astNode: undefined, extensions: {} })),
      without('Thing.secret', '@auth'),
    ],
    [
      'by a transformer that keeps the resolver and drops the extensions that the first door reads',
      rebuild('Thing.secret', () => ({ extensions: {} })),
      without('Thing.secret', '@auth'),
    ],
    [
      'by a transformer, with the resolver of a field that has another requirement',
      (schema) =>
        rebuild('User.name', () => ({
          resolve: schema.getQueryType()?.getFields()['secret']?.resolve,
        }))(schema),
      without('User.name', '@admin'),
    ],
    [
      'by a transformer, with another event source of a subscription whose root type has its own name',
      rebuild('Events.ticks', () => ({ subscribe: source })),
      without('Events.ticks', '@auth'),
    ],
    [
      'by an assignment to the schema, with another resolver',
      (schema) => replaceField(schema, 'Thing.secret', { resolve: told }),
      without('Thing.secret', '@auth'),
    ],
    [
      'by an assignment to the schema, without a resolver',
      (schema) => replaceField(schema, 'Thing.secret', {}),
      without('Thing.secret', '@auth'),
    ],
  ])('%s', async (_how, change, problem) => {
    expect(await problemOf(change(served()))).toBe(problem);
  });

  test('a schema that was never guarded is refused by assertGuarded', () => {
    const schema = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { a: { type: GraphQLString } } }),
    });
    expect(() => assertGuarded(schema)).toThrow(
      new TypeError('This schema has no guards: serve what guardSchema returns.'),
    );
  });
});

describe('a guarded schema is accepted', () => {
  test.each<[string, (schema: GraphQLSchema) => GraphQLSchema]>([
    ['as returned by guardSchema', (schema) => schema],
    ['when the schema is sorted', lexicographicSortSchema],
    ['when it is rebuilt without a change', (schema) => new GraphQLSchema(schema.toConfig())],
    [
      'when the schema loses its extensions and the fields keep theirs',
      (schema) => new GraphQLSchema({ ...schema.toConfig(), extensions: {} }),
    ],
    ['when it is merged with no other schema', (schema) => mergeSchemas({ schemas: [schema] })],
    [
      'when an open field is added below the root',
      (schema) => extendSchema(schema, parse('extend type Thing { later: String }')),
    ],
    [
      'when a root field with @public is added and the schema is guarded again',
      (schema) =>
        guardSchema(extendSchema(schema, parse('extend type Query { later: String @public }')), {
          guards,
        }),
    ],
  ])('%s', async (_when, change) => {
    expect(await problemOf(change(served()))).toBe(null);
  });
});

describe('a resolver assigned to a guarded field later is guarded too', () => {
  const ask = (schema: GraphQLSchema) => run(schema, '{ secret }', anonymous);
  const fieldOf = (schema: GraphQLSchema, typeName: string, fieldName: string) => {
    const field = (schema.getType(typeName) as GraphQLObjectType).getFields()[fieldName];
    if (!field) throw new TypeError('Expected a field.');
    return field;
  };

  test('a new resolver, as servers assign for loaders and caches', async () => {
    const schema = served();
    const later = vi.fn(told);
    fieldOf(schema, 'Query', 'secret').resolve = later;
    expect(failures(ask(schema))).toEqual([refusals.missing]);
    expect(later).not.toHaveBeenCalled();
    expect(run(schema, '{ secret }', caller()).data).toEqual({ secret: 'told' });
    expect(await problemOf(schema)).toBe(null);
  });

  test('a wrapper of the former resolver, as servers assign to measure time', async () => {
    const schema = served();
    const field = fieldOf(schema, 'Query', 'secret');
    const { resolve } = field;
    field.resolve = (...all) => resolve?.(...all);
    expect(failures(ask(schema))).toEqual([refusals.missing]);
    expect(run(schema, '{ secret }', caller()).data).toEqual({ secret: 'told' });
    expect(await problemOf(schema)).toBe(null);
  });

  test('undefined, in place of a resolver', () => {
    const schema = served();
    Object.assign(fieldOf(schema, 'Query', 'secret'), { resolve: undefined });
    expect(failures(run(schema, '{ secret }', anonymous, { secret: 'told' }))).toEqual([
      refusals.missing,
    ]);
    expect(run(schema, '{ secret }', caller(), { secret: 'told' }).data).toEqual({
      secret: 'told',
    });
  });

  test('the event source of a subscription whose root type has its own name', async () => {
    const schema = served();
    const opened = vi.fn(source);
    fieldOf(schema, 'Events', 'ticks').subscribe = opened;
    const result = await subscribe({
      schema,
      document: parse('subscription { ticks }'),
      contextValue: { authentication: anonymous },
    });
    expect(failures(JSON.parse(JSON.stringify(result)))).toEqual([refusals.missing]);
    expect(opened).not.toHaveBeenCalled();
    expect(await problemOf(schema)).toBe(null);
  });
});

test('properties that other libraries put on a type are kept, such as resolveReference of federation', () => {
  const typeDefs = 'type Query { user: User @auth } type User { id: ID @auth }';
  const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs] });
  const resolveReference = () => ({ id: 1 });
  const extensions = { apollo: { subgraph: { resolveReference } } };
  Object.assign(schema.getType('User') ?? {}, { resolveReference, extensions });
  const guarded = guardSchema(schema, { guards });
  expect(guarded.getType('User')).toMatchObject({ resolveReference, extensions });
});

test('guarded fields without a resolver use the default resolvers of the server', async () => {
  const typeDefs = 'type Query { a: ID @auth b: ID @public } type Subscription { c: ID @auth }';
  const fieldResolver = vi.fn((_source, _args, _context, { fieldName }) => `own ${fieldName}`);
  const subscribeFieldResolver = vi.fn(async function* () {
    yield {};
  });
  const schema = guardSchema(makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs] }), {
    guards,
    fieldResolver,
    subscribeFieldResolver,
  });
  expect(run(schema, '{ a }', caller()).data).toEqual({ a: 'own a' });
  fieldResolver.mockClear();
  expect(failures(run(schema, '{ a }', anonymous))).toEqual([refusals.missing]);
  expect(fieldResolver).not.toHaveBeenCalled();
  const document = parse('subscription { c }');
  const listen = (contextValue: object) => subscribe({ schema, document, contextValue });
  expect(await listen({ authentication: anonymous })).toHaveProperty('errors');
  expect(subscribeFieldResolver).not.toHaveBeenCalled();
  const events = await listen({ authentication: caller() });
  if (!(Symbol.asyncIterator in events)) throw new TypeError('Expected events.');
  expect((await events.next()).value).toEqual({ data: { c: 'own c' } });
});
