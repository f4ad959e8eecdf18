import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, parse } from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import { assertGuarded, authTypeDefs, callers, guardSchema, objectGuard } from '../../src/index.ts';
import { ask, type Called, forget, guards, type Reference } from './subgraphs.ts';

beforeEach(forget);

describe('a guard that decides by the object', () => {
  const sdl = (directive: string) => `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    ${authTypeDefs}
    directive @draft on FIELD_DEFINITION | OBJECT
    type Query { time: String @public }
    type Invoice @key(fields: "id") { id: ID! total: Int ${directive} }
  `;
  const draft = objectGuard(() => new GraphQLError('Not yet.'));
  const all = { ...guards, draft };
  const build = (directive: string, resolvers: object = {}) =>
    guardSchema(
      buildSubgraphSchema({ typeDefs: parse(sdl(directive)), resolvers: resolvers as never }),
      {
        guards: all,
      },
    );

  test.each(['@owner(field: "userId")', '@draft'])(
    '%s is refused on an entity without __resolveReference',
    (directive) => {
      expect(() => assertGuarded(build(directive))).toThrow(
        `Invoice.total has ${directive}, which decides by the object: Invoice needs a __resolveReference`,
      );
      const found = build(directive, { Invoice: { __resolveReference: () => ({}) } });
      expect(() => assertGuarded(found)).not.toThrow();
    },
  );

  describe('below an entity', () => {
    const buildShop = (resolvers: object, fieldResolver?: Called) =>
      guardSchema(
        buildSubgraphSchema({
          typeDefs: parse(`
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
            ${authTypeDefs}
            type Query { time: String @public }
            type Shop @key(fields: "id") { id: ID! desk: Desk @auth }
            type Desk { all: [Paper] }
            union Paper = Account | Letter
            type Letter { text: String }
            type Account { userId: ID balance: Int @owner(field: "userId") }
          `),
          resolvers: resolvers as never,
        }),
        { guards, ...(fieldResolver && { fieldResolver: fieldResolver as never }) },
      );
    const problem =
      'Account.balance has @owner(field: "userId"), which decides by the object: Shop needs a __resolveReference';

    test.each<[string, object, Called?]>([
      ['where each object is read from the reference', {}],
      ['where the guarded object is read from the reference', { Account: { balance: () => 5 } }],
      ['with a default resolver of one’s own', {}, (object) => object],
    ])('is refused without __resolveReference, %s', (_title, resolvers, fieldResolver) => {
      const schema = buildShop(resolvers, fieldResolver);
      expect(() => assertGuarded(schema)).toThrow(problem);
      expect(() => assertGuarded(guardSchema(schema, { guards }))).toThrow(problem);
    });

    test.each<[string, object]>([
      ['where the entity has __resolveReference', { Shop: { __resolveReference: () => ({}) } }],
      [
        'where a resolver of the entity returns the parent of the object',
        { Shop: { desk: () => ({}) } },
      ],
      ['where a resolver below the entity returns the object', { Desk: { all: () => [] } }],
    ])('is accepted %s', (_title, resolvers) => {
      expect(() => assertGuarded(buildShop(resolvers))).not.toThrow();
    });
  });

  test('judges the object that was found, not the fields of the reference', async () => {
    const schema = build('@owner(field: "userId")', {
      Invoice: { __resolveReference: ({ id }: Reference) => ({ id, userId: '7', total: 5 }) },
    });
    const caller = { ...callers.user, user: { id: '8' } };
    const lie = { __typename: 'Invoice', id: '1', userId: '8', total: 1 };
    const source = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on Invoice { total } }
    }`;
    expect(await ask(schema, caller, [lie], source)).toEqual({
      entities: [{ total: null }],
      reasons: [['_entities.0.total', 'OWNER_REQUIRED']],
    });
  });
});
