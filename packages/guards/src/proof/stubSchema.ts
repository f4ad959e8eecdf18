import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldExtensions,
  type GraphQLFieldResolver,
  GraphQLFloat,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNullableType,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLUnionType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isObjectType,
  isSpecifiedScalarType,
  type ResponsePath,
} from 'graphql';
import type { GuardedContext } from '../authentication.ts';
import { isAddedByFederation } from '../federation.ts';
import { type Guards, toKind } from '../guardKinds.ts';
import { effectiveRequirements } from '../requirements.ts';
import { possibleTypes } from '../selections.ts';

/** The context of the resolvers of a stub. */
export interface StubContext extends GuardedContext {
  /** Which of several types a value has, by its place in the answer. */
  readonly chooseType: ChooseType;
  /** Whether the objects are the caller's own. */
  readonly isOwn: boolean;
  /** Each resolver that ran, as its place in the answer and its field: `me.name User.name`. */
  readonly ran: string[];
}

export type ChooseType = (place: string, typeNames: readonly string[]) => string;

/**
 * The same types, fields and directives, with resolvers that answer anything and write down that they ran. Everything
 * can be null, because that does not decide who may reach what. Arguments are left out; a field of which they decide
 * has one, `isOwn`.
 */
export function stubSchema(schema: GraphQLSchema, guards: Guards): GraphQLSchema {
  const isSeen = (typeName: string, fieldName: string) => {
    const type = schema.getType(typeName);
    return (
      (isObjectType(type) || isInterfaceType(type)) &&
      effectiveRequirements(schema, type, fieldName, guards).some(
        ({ directive }) => toKind(guards[directive])?.kind === 'argument',
      )
    );
  };
  // An interface's own requirements may be fewer than those of a type, of which each argument has to be there too.
  const argsOf = (typeName: string, fieldName: string): GraphQLFieldConfigArgumentMap =>
    isSeen(typeName, fieldName) ? { isOwn: { type: GraphQLBoolean } } : {};
  const stubField = (
    field: GraphQLFieldConfig<unknown, StubContext>,
    fieldName: string,
    typeName: string,
  ) => ({
    ...field,
    type: withoutNonNull(field.type),
    args: argsOf(typeName, fieldName),
    resolve: stubResolver,
    subscribe: stubSubscription,
    extensions: { ...withoutAccess(field.extensions), ...openingOf(typeName, fieldName) },
  });
  // Without their arguments, the fields that federation adds would not be known for that.
  const openingOf = (typeName: string, fieldName: string) => {
    const type = schema.getType(typeName);
    if (!isObjectType(type) || !isAddedByFederation(schema, type, fieldName)) return {};
    const [first] = effectiveRequirements(schema, type, fieldName, guards);
    return first?.directive === 'public' ? { directives: { public: {} } } : {};
  };
  const stub = mapSchema(schema, {
    [MapperKind.SCALAR_TYPE]: (type) =>
      isSpecifiedScalarType(type)
        ? type
        : new GraphQLScalarType({ name: type.name, astNode: type.astNode }),
    // Copies, because `mapSchema` hands over the types of the schema itself.
    [MapperKind.INTERFACE_TYPE]: (type) =>
      new GraphQLInterfaceType({ ...type.toConfig(), resolveType }),
    [MapperKind.UNION_TYPE]: (type) => new GraphQLUnionType({ ...type.toConfig(), resolveType }),
    [MapperKind.OBJECT_TYPE]: (type) =>
      new GraphQLObjectType({ ...type.toConfig(), isTypeOf: null }),
    [MapperKind.OBJECT_FIELD]: stubField,
    [MapperKind.INTERFACE_FIELD]: (field, fieldName, typeName) => ({
      ...field,
      type: withoutNonNull(field.type),
      args: argsOf(typeName, fieldName),
      extensions: withoutAccess(field.extensions),
    }),
  });
  const { guarding: _guarding, ...extensions } = stub.extensions;
  return new GraphQLSchema({ ...stub.toConfig(), extensions });
}

const resolveType = (value: unknown) => (value as { type: string }).type;

/** A place in the answer, without the positions in lists: `users.name`. */
export function printPlace(path: ResponsePath | undefined): string {
  const keys: string[] = [];
  for (let step = path; step; step = step.prev) {
    if (typeof step.key === 'string') keys.unshift(step.key);
  }
  return keys.join('.');
}

const stubResolver: GraphQLFieldResolver<unknown, StubContext> = (
  _source,
  _args,
  { chooseType, ran, isOwn },
  { path, parentType, fieldName, returnType, schema },
) => {
  const place = printPlace(path);
  ran.push(`${place} ${parentType.name}.${fieldName}`);
  return stubValue(returnType, {
    isOwn,
    choose: (type) =>
      chooseType(
        place,
        possibleTypes(schema, type).map(({ name }) => name),
      ),
  });
};

const stubSubscription: GraphQLFieldResolver<unknown, StubContext> = async function* (
  _source,
  _args,
  { ran },
  { fieldName },
) {
  ran.push(`source of ${fieldName}`);
  yield {};
};

/** An object of a stub, as guards see it. */
export interface StubObject {
  readonly isOwn: boolean;
}

function stubValue(
  type: GraphQLOutputType,
  given: StubObject & { readonly choose: (type: GraphQLOutputType) => string },
): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [stubValue(nullable.ofType, given)];
  if (isAbstractType(nullable)) return { type: given.choose(nullable), isOwn: given.isOwn };
  if (isObjectType(nullable)) return { isOwn: given.isOwn };
  if (isEnumType(nullable)) return nullable.getValues()[0]?.value;
  if (nullable === GraphQLInt || nullable === GraphQLFloat) return 1;
  return nullable === GraphQLBoolean ? true : 'text';
}

// The stub is guarded anew.
function withoutAccess(extensions: GraphQLFieldExtensions<unknown, unknown> | null | undefined) {
  const { access: _access, guarding: _guarding, entities: _entities, ...others } = extensions ?? {};
  return others;
}

function withoutNonNull(type: GraphQLOutputType): GraphQLNullableType & GraphQLOutputType {
  const nullable = getNullableType(type);
  return isListType(nullable) ? new GraphQLList(withoutNonNull(nullable.ofType)) : nullable;
}
