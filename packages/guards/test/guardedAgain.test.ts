import { makeExecutableSchema, mergeSchemas } from '@graphql-tools/schema';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { anonymous, authTypeDefs, guardSchema } from '@sallyport/guards';
import { extendSchema, type GraphQLObjectType, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { caller, failures, run } from './guardedSchema.ts';
import { refusals } from './refusals.ts';
import { guards, problemOf, rebuild, served, told } from './servedSchema.ts';

describe('a schema may be guarded again', () => {
  const extended = () =>
    guardSchema(
      extendSchema(
        served(),
        parse(
          'extend type Thing @admin { later: String @auth } extend type Query { more: ID @auth }',
        ),
      ),
      { guards },
    );

  test('new fields get their guards', async () => {
    const schema = extended();
    expect(await problemOf(schema)).toBe(null);
    const root = { more: 1 };
    expect(failures(run(schema, '{ more }', anonymous, root))).toEqual([refusals.missing]);
    expect(failures(run(schema, '{ open { plain later secret } }', caller()))).toEqual(
      Array(3).fill(refusals.adminRequired),
    );
    expect(run(schema, '{ open { plain secret } }', caller({ isAdmin: true })).data).toEqual({
      open: { plain: 'plain', secret: 'told' },
    });
  });

  test('guarded fields keep their resolvers, event sources and descriptions', () => {
    const schema = served();
    const again = guardSchema(schema, { guards });
    for (const [type, name] of [
      ['Query', 'secret'],
      ['Events', 'ticks'],
      ['Thing', 'secret'],
    ] as const) {
      const [before, after] = [schema, again].map(
        (one) => (one.getType(type) as GraphQLObjectType).getFields()[name],
      );
      expect(after?.resolve).toBe(before?.resolve);
      expect(after?.subscribe).toBe(before?.subscribe);
      expect(after?.description).toBe(before?.description);
    }
    expect(printSchemaWithDirectives(again)).toBe(printSchemaWithDirectives(schema));
  });

  test('a field with more requirements than before has its new requirements in its description', () => {
    const field = (extended().getType('Thing') as GraphQLObjectType).getFields()['secret'];
    expect(field?.description).toBe('Requires: an administrator.');
  });

  test('a field that was rebuilt without its directive gets the guard that it had', async () => {
    const lost = rebuild('Thing.secret', () => ({
      resolve: told,
      astNode: undefined,
      extensions: {},
    }))(served());
    const schema = guardSchema(lost, { guards });
    expect(await problemOf(schema)).toBe(null);
    expect(failures(run(schema, '{ open { secret } }', anonymous))).toEqual([refusals.missing]);
  });

  test('two guarded schemas may be merged: each field keeps its guards', async () => {
    const other = guardSchema(
      makeExecutableSchema({
        typeDefs: [authTypeDefs, 'type Query { another: String @admin }'],
        resolvers: { Query: { another: told } },
      }),
      { guards },
    );
    const merged = mergeSchemas({ schemas: [served(), other] });
    expect(await problemOf(merged)).toBe(null);
    expect(failures(run(merged, '{ secret another }', caller()))).toEqual([refusals.adminRequired]);
    expect(await problemOf(guardSchema(merged, { guards }))).toBe(null);
  });
});
