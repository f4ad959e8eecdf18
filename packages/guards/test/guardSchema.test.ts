import {
  type Authenticated,
  type Authentication,
  accessOf,
  anonymous,
  guardSchema,
} from '@sallyport/guards';
import {
  execute,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  parse,
  subscribe,
} from 'graphql';
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

describe('a directive on a type', () => {
  const typeDefs = `
    type Query { thing: Thing @public }
    type Thing @auth { plain: String method: String resolved: String child: Thing }
    extend type Thing { added: String }
  `;
  const query = '{ thing { plain method resolved added child { plain } } }';
  const thing = { plain: 'a', method: () => 'b', added: 'd', child: { plain: 'e' } };
  const schema = guardedSchema(typeDefs, { Thing: { resolved: () => 'c' } });

  test('holds for each of its fields: properties, methods, resolvers, and those added later', () => {
    const result = run(schema, query, anonymous, { thing });
    expect(result.data).toEqual({
      thing: { plain: null, method: null, resolved: null, added: null, child: null },
    });
    expect(failures(result)).toEqual(Array(5).fill(refusals.missing));
  });

  test('leaves the values of its fields as they are for callers who may read them', () => {
    expect(run(schema, query, caller(), { thing })).toEqual({
      data: { thing: { ...thing, method: 'b', resolved: 'c' } },
    });
  });

  test('holds when it is written on an extension of the type', () => {
    const extended = guardedSchema(
      'type Query { thing: Thing @public } type Thing { id: ID } extend type Thing @auth',
    );
    const result = run(extended, '{ thing { id } }', anonymous, { thing: { id: 1 } });
    expect(failures(result)).toEqual([refusals.missing]);
  });

  test('holds for the root fields when it is written on Query', () => {
    const result = run(guardedSchema('type Query @auth { id: ID }'), '{ id }', anonymous, {
      id: 1,
    });
    expect(failures(result)).toEqual([refusals.missing]);
  });

  test('holds behind an interface and a union that lead to it', () => {
    const abstract = guardedSchema(
      `type Query { node: Node @public any: Any @public } interface Node { id: ID } union Any = Thing
       type Thing implements Node @auth { id: ID }`,
      { Node: { __resolveType: () => 'Thing' }, Any: { __resolveType: () => 'Thing' } },
    );
    const root = { node: { id: 1 }, any: { id: 1 } };
    const result = run(abstract, '{ node { id } any { ... on Thing { id } } }', anonymous, root);
    expect(failures(result)).toEqual([refusals.missing, refusals.missing]);
  });

  test('adds its requirement to the directive on the field', () => {
    const both = guardedSchema(
      'type Query { thing: Thing @public } type Thing @admin { secret: String @fresh(maxAge: 60) }',
    );
    const ask = (change: Partial<Authenticated>) =>
      run(both, '{ thing { secret } }', caller(change), { thing: { secret: 's' } });
    const notFresh = { ...refusals.freshRequired, maxAge: 60 };
    expect(failures(ask({}))).toEqual([notFresh]);
    expect(failures(ask({ isAdmin: true }))).toEqual([notFresh]);
    expect(failures(ask({ passwordAgeSeconds: 60 }))).toEqual([refusals.adminRequired]);
    expect(ask({ isAdmin: true, passwordAgeSeconds: 60 }).data).toEqual({ thing: { secret: 's' } });
  });

  test('with a limit adds to another limit on the field: both hold', () => {
    const both = guardedSchema(
      'type Query @fresh(maxAge: 600) { a: ID @fresh(maxAge: 60) b: ID @fresh(maxAge: 6000) }',
    );
    const ask = (passwordAgeSeconds: number) =>
      run(both, '{ a b }', caller({ passwordAgeSeconds }), { a: 'a', b: 'b' }).data;
    expect(ask(60)).toEqual({ a: 'a', b: 'b' });
    expect(ask(61)).toEqual({ a: null, b: 'b' });
    expect(ask(601)).toEqual({ a: null, b: null });
  });
});

describe('the guard around a resolver', () => {
  test('is synchronous and returns the value of the resolver itself', () => {
    const promise = Promise.resolve('later');
    const schema = guardedSchema('type Query { now: String @auth later: String @auth }', {
      Query: { now: () => 'now', later: () => promise },
    });
    const fields = schema.getQueryType()?.getFields();
    const info = { operation: { operation: 'query' } } as GraphQLResolveInfo;
    const context = { authentication: caller() };
    expect(fields?.['now']?.resolve?.({}, {}, context, info)).toBe('now');
    expect(fields?.['later']?.resolve?.({}, {}, context, info)).toBe(promise);
  });

  test('hands on parent, arguments, context and info untouched', () => {
    const echo = vi.fn(() => 'done');
    const schema = guardedSchema('type Query { echo(a: Int): String @auth }', { Query: { echo } });
    const [parent, args, context] = [{}, { a: 1 }, { authentication: caller() }];
    const info = { operation: { operation: 'query' } } as GraphQLResolveInfo;
    schema.getQueryType()?.getFields()['echo']?.resolve?.(parent, args, context, info);
    expect(echo.mock.calls).toEqual([[parent, args, context, info]]);
  });

  test('is not put around a public field', () => {
    const unguarded = unguardedSchema(
      'type Query { open: Thing @public plain: Thing @public } type Thing { none: ID plain: ID }',
      { Query: { open: () => 'open' }, Thing: { none: () => 'none' } },
    );
    const resolversOf = (schema: GraphQLSchema) =>
      ['Query', 'Thing'].flatMap((name) =>
        Object.values((schema.getType(name) as GraphQLObjectType).getFields()).map(
          ({ resolve }) => resolve,
        ),
      );
    const resolvers = resolversOf(guardSchema(unguarded, { guards }));
    expect(resolvers).toEqual(resolversOf(unguarded));
    expect(resolvers.filter((resolve) => resolve === undefined)).toHaveLength(2);
  });

  test('fails without running the resolver when the caller was not authenticated', () => {
    const secret = vi.fn(() => 'told');
    const schema = guardedSchema('type Query { secret: ID @auth optional: ID @optionalAuth }', {
      Query: { secret, optional: secret },
    });
    const result = run(schema, '{ secret optional }', null);
    expect(failures(result)).toEqual([
      { message: 'Query.secret was reached before the caller was authenticated.' },
      { message: 'Query.optional was reached before the caller was authenticated.' },
    ]);
    expect(secret).not.toHaveBeenCalled();
  });
});

test('a guarded field has its requirements in its extensions, with arguments and places, in the order of the checks', () => {
  const schema = guardedSchema('type Query @admin { secret: ID @fresh(maxAge: 60) @auth }');
  const query = schema.getQueryType();
  expect(query && accessOf(query, 'secret')?.requirements).toEqual([
    { directive: 'auth', args: {}, coordinate: 'Query.secret' },
    { directive: 'fresh', args: { maxAge: 60 }, coordinate: 'Query.secret' },
    { directive: 'admin', args: {}, coordinate: 'Query' },
  ]);
});

describe('a subscription', () => {
  const opened = vi.fn();
  const schema = guardedSchema(
    'type Query { a: ID @public } type Subscription { ticks: Int @auth }',
    {
      Subscription: {
        ticks: {
          async *subscribe() {
            opened();
            yield { ticks: 1 };
            yield { ticks: 2 };
          },
        },
      },
    },
  );
  const listen = (contextValue: { authentication: Authentication }) =>
    subscribe({ schema, document: parse('subscription { ticks }'), contextValue });

  test.each([
    ['an anonymous caller', anonymous, refusals.missing],
    ['a caller whose token was rejected', rejected, refusals.revoked],
  ])('of %s does not open its event source', async (_who, authentication, refusal) => {
    opened.mockClear();
    const result = await listen({ authentication });
    expect(failures(JSON.parse(JSON.stringify(result)))).toEqual([refusal]);
    expect(opened).not.toHaveBeenCalled();
  });

  test('is checked at each event, and a caller who is refused meanwhile gets no more events', async () => {
    opened.mockClear();
    const context: { authentication: Authentication } = { authentication: caller() };
    const events = await listen(context);
    if (!(Symbol.asyncIterator in events)) throw new Error('Expected events.');
    expect((await events.next()).value).toEqual({ data: { ticks: 1 } });
    context.authentication = rejected;
    const { value } = await events.next();
    expect(failures(JSON.parse(JSON.stringify(value)))).toEqual([refusals.revoked]);
    expect(opened).toHaveBeenCalledTimes(1);
  });
});

test('a subscription whose event source is a method of the root value does not open it for an anonymous caller', async () => {
  const ticks = vi.fn(async function* () {
    yield { ticks: 1 };
  });
  const schema = guardedSchema(
    'type Query { a: ID @public } type Subscription { ticks: Int @auth }',
  );
  const contextValue = { authentication: anonymous };
  const document = parse('subscription { ticks }');
  const result = await subscribe({ schema, document, contextValue, rootValue: { ticks } });
  expect(failures(JSON.parse(JSON.stringify(result)))).toEqual([refusals.missing]);
  expect(ticks).not.toHaveBeenCalled();
});

test('without an authentication in the context, or without a context, every caller is refused', () => {
  const schema = guardedSchema('type Query { secret: ID @auth }');
  const message = 'Query.secret was reached before the caller was authenticated.';
  const result = execute({ schema, document: parse('{ secret }') });
  expect(failures(JSON.parse(JSON.stringify(result)))).toEqual([{ message }]);
});
