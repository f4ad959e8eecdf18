import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildFederationSchema } from '@mercuriusjs/federation';
import { type GraphQLSchema, parse } from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Authentication,
  anonymous,
  authTypeDefs,
  callers,
  guardSchema,
} from '../../src/index.ts';
import {
  apollo,
  ask,
  type Called,
  find,
  forget,
  type Reference,
  resolved,
  settings,
  types,
  user,
} from './subgraphs.ts';

beforeEach(forget);

describe('reference resolvers', () => {
  const extension = (schema: GraphQLSchema, name: string) => {
    const { extensions } = schema.getType(name) ?? {};
    return (extensions as { apollo?: { subgraph?: { resolveReference: Called } } }).apollo?.subgraph
      ?.resolveReference;
  };

  test('check the requirements of the type, wherever they are called from', () => {
    const before = apollo();
    const schema = guardSchema(before, settings);
    const ofUser = extension(schema, 'User');
    expect(() => ofUser?.(user, { authentication: anonymous }, {})).toThrow('Sign in first');
    expect(() => ofUser?.(user, {}, {})).toThrow('before the caller was authenticated');
    expect(ofUser?.(user, { authentication: callers.user }, {})).toMatchObject({ name: 'ada' });
    expect(extension(schema, 'Product')).toBe(extension(before, 'Product'));
    // The schema that it was made from stays what it was.
    expect(extension(before, 'User')?.(user, {}, {})).toMatchObject({ name: 'ada' });
  });

  test('that Mercurius assigns later check the requirements of the type too', () => {
    const schema = guardSchema(buildFederationSchema(`${authTypeDefs} ${types}`), settings);
    const type = schema.getType('User') as { resolveReference?: Called };
    expect(type.resolveReference).toBeUndefined();
    type.resolveReference = find('User', { name: 'ada' }) as Called;
    const call = (authentication: Authentication) =>
      type.resolveReference?.(user, {}, { authentication }, {});
    expect(() => call(anonymous)).toThrow('Sign in first');
    expect(call(callers.user)).toMatchObject({ name: 'ada' });
    const again = guardSchema(schema, settings).getType('User') as typeof type;
    expect(() => again.resolveReference?.(user, {}, { authentication: anonymous }, {})).toThrow(
      'Sign in first',
    );
  });
});

describe('an interface with a key', () => {
  const build = (onInterface: string, resolveReference?: (reference: Reference) => unknown) =>
    guardSchema(
      buildSubgraphSchema({
        typeDefs: parse(`
          extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
          ${authTypeDefs}
          type Query { time: String @public }
          interface Media @key(fields: "id") ${onInterface} { id: ID! title: String }
          type Book implements Media @key(fields: "id") { id: ID! title: String }
          type Secret implements Media @key(fields: "id") @admin { id: ID! title: String }
        `),
        resolvers: {
          Media: {
            __resolveType: ({ id }: Reference) => (id === 's' ? 'Secret' : 'Book'),
            ...(resolveReference && { __resolveReference: resolveReference }),
          },
          Book: { __resolveReference: find('Book', { title: 'Emma' }) },
          Secret: { __resolveReference: find('Secret', { title: 'Codes' }) },
        },
      }),
      settings,
    );
  const source = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { __typename ... on Media { title } }
  }`;
  const book = { __typename: 'Media', id: 'b' };
  const secret = { __typename: 'Media', id: 's' };

  test('has its own requirements checked, and those of each type', async () => {
    const schema = build('@auth');
    expect((await ask(schema, anonymous, [book, secret], source)).reasons).toEqual([
      ['_entities.0', 'TOKEN_MISSING'],
      ['_entities.1', 'TOKEN_MISSING'],
    ]);
    const concrete = [{ __typename: 'Book', id: 'b' }];
    expect((await ask(schema, anonymous, concrete, source)).reasons).toEqual([
      ['_entities.0', 'TOKEN_MISSING'],
    ]);
    expect(resolved).toEqual([]);
    expect((await ask(schema, callers.user, [book], source)).entities).toEqual([
      { __typename: 'Book', title: 'Emma' },
    ]);
  });

  test('is not resolved for a caller whom each of its types would refuse', async () => {
    const schema = guardSchema(
      buildSubgraphSchema({
        typeDefs: parse(`
          extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
          ${authTypeDefs}
          type Query { time: String @public }
          interface Media @key(fields: "id") { id: ID! title: String }
          type Code implements Media @key(fields: "id") @fresh { id: ID! title: String }
          type Secret implements Media @key(fields: "id") @admin { id: ID! title: String }
        `),
        resolvers: {
          Media: { __resolveReference: find('Media', {}), __resolveType: () => 'Secret' },
        },
      }),
      settings,
    );
    expect((await ask(schema, callers.user, [book], source)).reasons).toEqual([
      ['_entities.0', 'FRESH_TOKEN_REQUIRED'],
    ]);
    expect(resolved).toEqual([]);
    await ask(schema, callers.admin, [book], source);
    expect(resolved).toEqual(['Media b']);
  });

  test('does not resolve a type with more requirements, whether the subgraph or the reference resolver finds the type', async () => {
    const { entities } = await ask(build('@auth'), callers.user, [book, secret], source);
    expect(entities?.[1] ?? null).toBeNull();
    expect(resolved.filter((each) => each.startsWith('Secret'))).toEqual([]);
    resolved.length = 0;
    const own = build('', (reference) => ({ ...reference, title: 'Codes' }));
    const answer = await ask(own, anonymous, [book, secret], source);
    expect(answer.entities[0]).toEqual({ __typename: 'Book', title: 'Codes' });
    expect(answer.entities[1]?.title ?? null).toBeNull();
  });
});
