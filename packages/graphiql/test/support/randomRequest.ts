import fc from 'fast-check';
import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql';

type Take = <Value>(arbitrary: () => fc.Arbitrary<Value>) => Value;

/**
 * Writes an operation of a real API, with arguments that fit. Mutations skip each of their fields: they are judged like
 * any other, and nothing happens.
 */
export function randomRequest(take: Take, schema: GraphQLSchema): string {
  const pick = <Value>(values: readonly Value[]): Value =>
    values[take(() => fc.nat({ max: values.length - 1 }))] as Value;

  function selections(type: GraphQLCompositeType, depth: number): string {
    if (isUnionType(type)) return '__typename';
    const fields = Object.values(type.getFields()).filter(
      (field) => depth > 0 || !isCompositeType(getNamedType(field.type)),
    );
    if (fields.length === 0) return '__typename';
    const chosen = new Set([pick(fields), pick(fields), pick(fields)]);
    const written = [...chosen].map((field) => writeField(field, depth)).join(' ');
    return take(() => fc.boolean()) ? `... on ${type.name} { ${written} }` : written;
  }

  function writeField(
    field: GraphQLField<unknown, unknown>,
    depth: number,
    condition = '',
  ): string {
    const values = field.args
      .filter(({ name, type }) => isNonNullType(type) || name === 'first')
      .map(({ name, type }) => `${name}: ${writeValue(type)}`);
    const given = values.length > 0 ? `(${values.join(', ')})` : '';
    const type = getNamedType(field.type);
    const inner = isCompositeType(type) ? ` { ${selections(type, depth - 1)} }` : '';
    return `${field.name}${given}${condition}${inner}`;
  }

  const mutation = schema.getMutationType();
  if (mutation && take(() => fc.boolean())) {
    const field = pick(Object.values(mutation.getFields()));
    return `mutation M { ${writeField(field, 3, ' @skip(if: true)')} }`;
  }
  const query = schema.getQueryType();
  if (!query) throw new TypeError('Expected a schema with queries.');
  return `query Q { ${selections(query, 4)} }`;
}

function writeValue(type: GraphQLInputType): string {
  if (isNonNullType(type)) return writeValue(type.ofType);
  if (isListType(type)) return `[${writeValue(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? 'null';
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${fields.map((field) => `${field.name}: ${writeValue(field.type)}`).join(' ')} }`;
  }
  const values: Readonly<Record<string, string>> = { Int: '1', Float: '1.5', Boolean: 'true' };
  return values[type.name] ?? '"00000000-0000-4000-8000-000000000000"';
}
