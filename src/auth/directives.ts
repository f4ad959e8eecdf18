import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
} from 'graphql';
import type { Authentication } from './authentication.ts';
import { combineGuards, type Guards, type Requirement } from './guards.ts';

/** What the guarded resolvers need of the context: loaded before the first of them runs. */
export interface GuardedContext {
  readonly authentication: Authentication | null;
}

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** What a caller must satisfy to reach the field, put there by `guardSchema`. */
    requirements?: readonly Requirement[];
  }
}

/**
 * Puts the guards on every field that has one of their directives, on itself or on its type, as one synchronous
 * wrapper around `resolve` and one around `subscribe`. Each field then tells its requirements in `extensions`.
 *
 * @throws TypeError when a directive stands where it would not be enforced, naming the place
 */
export function guardSchema(schema: GraphQLSchema, { guards }: { guards: Guards }): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) refuseDirectives(schema, type, guards);
  }
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, _fieldName, typeName) => {
      const type = schema.getType(typeName);
      const requirements = Object.entries(guards).flatMap(([directive, guard]) =>
        [type, field].flatMap((place) =>
          (place && guard ? (getDirective(schema, place, directive) ?? []) : []).map((args) => ({
            directive,
            args,
          })),
        ),
      );
      return requirements.length === 0 ? undefined : guardField(field, requirements, guards);
    },
  });
}

function refuseDirectives(schema: GraphQLSchema, type: GraphQLInterfaceType, guards: Guards) {
  const places: [string, GraphQLInterfaceType | GraphQLFieldConfig<unknown, unknown>][] = [
    [type.name, type],
    ...Object.entries(type.toConfig().fields).map(
      ([name, field]) => [`${type.name}.${name}`, field] as [string, typeof field],
    ),
  ];
  for (const [coordinate, place] of places) {
    for (const directive of Object.keys(guards)) {
      if (getDirective(schema, place, directive)) {
        throw new TypeError(
          `${coordinate} has @${directive}, which is not enforced on interfaces: put it on the types that implement ${type.name}.`,
        );
      }
    }
  }
}

function guardField(
  field: GraphQLFieldConfig<unknown, GuardedContext>,
  requirements: readonly Requirement[],
  guards: Guards,
): GraphQLFieldConfig<unknown, GuardedContext> {
  const guard = (resolver: GraphQLFieldResolver<unknown, GuardedContext>) =>
    guarded(resolver, requirements, guards);
  return {
    ...field,
    extensions: { ...field.extensions, requirements },
    resolve: guard(field.resolve ?? defaultFieldResolver),
    ...(field.subscribe && { subscribe: guard(field.subscribe) }),
  };
}

// Synchronous, and returns what the resolver returns, untouched: a promise around every field of a long list would
// make it several times slower.
function guarded(
  resolver: GraphQLFieldResolver<unknown, GuardedContext>,
  requirements: readonly Requirement[],
  guards: Guards,
): GraphQLFieldResolver<unknown, GuardedContext> {
  const check = combineGuards(requirements, guards);
  return (source, args, context, info) => {
    const { authentication } = context;
    if (!authentication) {
      throw new TypeError(
        `${info.parentType.name}.${info.fieldName} was reached before the caller was authenticated.`,
      );
    }
    const refusal = check(authentication);
    if (refusal) throw refusal;
    return resolver(source, args, context, info);
  };
}

/** The requirements of a field of a guarded schema. */
export function requirementsOf(type: GraphQLObjectType, fieldName: string): readonly Requirement[] {
  return type.getFields()[fieldName]?.extensions.requirements ?? [];
}
