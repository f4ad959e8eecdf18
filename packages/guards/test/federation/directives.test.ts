import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, isObjectType, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { authTypeDefs, effectiveRequirements, guardSchema } from '../../src/index.ts';
import { guards, settings } from './subgraphs.ts';

describe('directives of federation', () => {
  const build = (imports: string, more: string) =>
    guardSchema(
      buildSubgraphSchema({
        typeDefs: parse(`
          extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: [${imports}])
          ${authTypeDefs}
          ${more}
        `),
      }),
      settings,
    );

  test('that control composition need not be named as guards or others', () => {
    const more = `type Query { all: A @public @tag(name: "a") } type A @key(fields: "id") @shareable { id: ID @federation__inaccessible }`;
    expect(() => build('"@key", "@shareable", "@tag"', more)).not.toThrow();
  });

  test('that control access are refused without a guard', () => {
    const more =
      'type Query { all: Int @public } type A @key(fields: "id") { id: ID @authenticated }';
    expect(() => build('"@key", "@authenticated"', more)).toThrow(
      'A.id has @authenticated, which is no guard',
    );
    const spelled = 'type Query { all: Int @public } type A { id: ID @federation__authenticated }';
    expect(() => build('"@key"', spelled)).toThrow('A.id has @federation__authenticated');
  });

  test('are unknown outside of a subgraph', () => {
    const typeDefs = 'directive @tag on FIELD_DEFINITION type Query { all: Int @public @tag }';
    const schema = buildSchema(`${authTypeDefs} ${typeDefs}`);
    expect(() => guardSchema(schema, settings)).toThrow('Query.all has @tag, which is no guard');
  });

  test('do not change a field named _service of another type', () => {
    const more =
      'type Query { a: A @public } type A @key(fields: "id") { id: ID _service: String }';
    const schema = build('"@key"', more);
    const type = schema.getType('A');
    const requirements =
      isObjectType(type) && effectiveRequirements(schema, type, '_service', guards);
    expect(requirements).toEqual([]);
  });

  test('do not open root fields named _service and _entities outside of a subgraph', () => {
    const naked = buildSchema(
      `${authTypeDefs} type Query { _service: String _entities: Int } type _Service { sdl: String }`,
    );
    expect(() => guardSchema(naked, settings)).toThrow(
      /Query\._service has no access directive.*\n.*Query\._entities has no/,
    );
  });
});
