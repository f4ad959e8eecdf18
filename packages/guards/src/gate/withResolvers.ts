import { type IResolvers, MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  type GraphQLFieldConfig,
  GraphQLInterfaceType,
  type GraphQLNamedType,
  GraphQLObjectType,
  GraphQLScalarType,
  type GraphQLSchema,
  GraphQLUnionType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql';

/** Resolvers by type and field, in one map or in several. */
export type Resolvers = IResolvers | readonly IResolvers[];

type OfType = Readonly<Record<string, unknown>>;

/**
 * Gives the types of a schema their resolvers: functions, or `resolve` with `subscribe`, by the names of fields;
 * `__resolveType` and `__isTypeOf`; scalars; and the values that stand for those of enums.
 *
 * @throws TypeError for a resolver of what is not in the schema
 */
export function withResolvers(schema: GraphQLSchema, resolvers: Resolvers): GraphQLSchema {
  const all = mergeResolvers(resolvers);
  const problems = findStrangers(schema, all);
  if (problems.length > 0) throw new TypeError(problems.join('\n'));
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) =>
      withResolver(field, all.get(typeName)?.[fieldName]),
    [MapperKind.OBJECT_TYPE]: (type) => {
      const isTypeOf = all.get(type.name)?.['__isTypeOf'] as never;
      return isTypeOf ? new GraphQLObjectType({ ...type.toConfig(), isTypeOf }) : undefined;
    },
    [MapperKind.ABSTRACT_TYPE]: (type) => {
      const resolveType = all.get(type.name)?.['__resolveType'] as never;
      if (!resolveType) return undefined;
      return isInterfaceType(type)
        ? new GraphQLInterfaceType({ ...type.toConfig(), resolveType })
        : new GraphQLUnionType({ ...type.toConfig(), resolveType });
    },
    [MapperKind.SCALAR_TYPE]: (type) => {
      const given = all.get(type.name);
      return given ? new GraphQLScalarType({ ...type.toConfig(), ...scalarOf(given) }) : undefined;
    },
    [MapperKind.ENUM_VALUE]: (value, typeName, _schema, name) => {
      const values = all.get(typeName);
      return values && name in values ? { ...value, value: values[name] } : undefined;
    },
  });
}

function mergeResolvers(resolvers: Resolvers): Map<string, OfType> {
  const merged = new Map<string, OfType>();
  for (const [name, given] of [resolvers].flat().flatMap(Object.entries)) {
    const before = isScalarType(given) ? null : merged.get(name);
    // Without a prototype: a field can have the name of what every object inherits, such as `constructor`.
    merged.set(name, Object.assign(Object.create(null), before, given));
  }
  return merged;
}

function withResolver(
  field: GraphQLFieldConfig<unknown, unknown>,
  given: unknown,
): GraphQLFieldConfig<unknown, unknown> | undefined {
  if (typeof given === 'function') return { ...field, resolve: given as never };
  if (typeof given !== 'object' || given === null) return undefined;
  const { resolve, subscribe } = given as Partial<typeof field>;
  return { ...field, ...(resolve && { resolve }), ...(subscribe && { subscribe }) };
}

// What the SDL says of a scalar stays, and how its values are read comes from the resolver.
function scalarOf(given: OfType): Partial<ReturnType<GraphQLScalarType['toConfig']>> {
  const names = ['serialize', 'parseValue', 'parseLiteral'];
  const more = [...names, 'coerceOutputValue', 'coerceInputValue', 'coerceInputLiteral'];
  return Object.fromEntries(
    more.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
}

function findStrangers(schema: GraphQLSchema, all: ReadonlyMap<string, OfType>): string[] {
  return [...all].flatMap(([typeName, given]) => {
    const type = schema.getType(typeName);
    if (!type) return [`${typeName} has resolvers, and is not in the type definitions.`];
    if (isScalarType(type)) return [];
    return Object.keys(given)
      .filter((name) => !namesOf(type).has(name))
      .map((name) => `${typeName}.${name} has a resolver, and is not in the type definitions.`);
  });
}

function namesOf(type: GraphQLNamedType): ReadonlySet<string> {
  if (isObjectType(type)) return new Set([...Object.keys(type.getFields()), '__isTypeOf']);
  if (isEnumType(type)) return new Set(type.getValues().map(({ name }) => name));
  // What an interface says of its fields, graphql-js does not look at.
  if (isInterfaceType(type)) return new Set([...Object.keys(type.getFields()), '__resolveType']);
  return new Set(['__resolveType']);
}
