import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { Authentication } from './authentication.ts';
import { describeRequirements } from './descriptions.ts';
import { type Check, type Guards, toRefusal } from './guards.ts';
import { findPlacementProblems } from './placement.ts';
import {
  combineChecks,
  distinctRequirements,
  effectiveRequirements,
  printRequirement,
  type Requirement,
} from './requirements.ts';

/** What the guarded resolvers need of the context: loaded before the first of them runs. */
export interface GuardedContext {
  readonly authentication: Authentication | null;
}

/** What `guardSchema` found out about a field that has access directives, in whatever way. */
export interface FieldAccess {
  readonly requirements: readonly Requirement[];
  /** The same function for all fields with the same requirements; null when they refuse nobody. */
  readonly check: Check | null;
}

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    access?: FieldAccess;
  }
}

/**
 * Puts the guards on every field that has one of their directives: on itself, its type, or an interface of its type.
 * They are one synchronous wrapper around `resolve` and one around `subscribe`. The requirement of each field is
 * added to its description, because introspection does not show directives.
 *
 * @throws TypeError when a directive stands where it is not enforced or has no guard, when two contradict each other,
 * and when a field of Query, Mutation or Subscription has none, with a line for each; and for a schema that has its
 * guards already
 */
export function guardSchema(schema: GraphQLSchema, { guards }: { guards: Guards }): GraphQLSchema {
  if (fieldsWithAccess(schema).length > 0)
    throw new TypeError('This schema has its guards already.');
  const problems = findPlacementProblems(schema, guards);
  if (problems.length > 0) throw new TypeError(problems.join('\n'));
  const checks = new Map<string, Check | null>();
  const describe = (typeName: string, fieldName: string): FieldAccess | null => {
    const type = schema.getType(typeName);
    if (!isObjectType(type) && !isInterfaceType(type)) return null;
    const requirements = effectiveRequirements(schema, type, fieldName, guards);
    if (requirements.length === 0) return null;
    const key = distinctRequirements(requirements).map(printRequirement).join(' ');
    const check = checks.has(key) ? checks.get(key) : combineChecks(requirements, guards);
    checks.set(key, check ?? null);
    return { requirements, check: check ?? null };
  };
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) => {
      const access = describe(typeName, fieldName);
      const isSource = typeName === schema.getSubscriptionType()?.name;
      return access ? guardField(withAccess(field, access), access.check, isSource) : undefined;
    },
    [MapperKind.INTERFACE_FIELD]: (field, fieldName, typeName) => {
      const access = describe(typeName, fieldName);
      return access ? withAccess(field, access) : undefined;
    },
  });
}

type Field = GraphQLFieldConfig<unknown, GuardedContext>;

function withAccess(field: Field, access: FieldAccess): Field {
  const paragraphs = [field.description, describeRequirements(access.requirements)];
  return {
    ...field,
    description: paragraphs.filter(Boolean).join('\n\n'),
    extensions: { ...field.extensions, access },
  };
}

// A field of Subscription has a source even if it has no `subscribe` of its own: the method of the root value.
function guardField(field: Field, check: Check | null, isSource: boolean): Field {
  if (!check) return field;
  return {
    ...field,
    resolve: guarded(field.resolve ?? defaultFieldResolver, check),
    ...(isSource && { subscribe: guarded(field.subscribe ?? defaultFieldResolver, check) }),
  };
}

const wrappers = new WeakSet<object>();

/** The guarded fields of a schema whose resolvers were replaced since, so that nothing guards them any more. */
export function findLostGuards(schema: GraphQLSchema): string[] {
  return fieldsWithAccess(schema)
    .filter(({ field }) => field.extensions.access?.check)
    .filter(({ field: { resolve } }) => !resolve || !wrappers.has(resolve))
    .map(({ coordinate }) => coordinate);
}

function fieldsWithAccess(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields())
          .filter((field) => field.extensions.access)
          .map((field) => ({ coordinate: `${type.name}.${field.name}`, field }))
      : [],
  );
}

// Synchronous, and returns what the resolver returns, untouched: a promise around every field of a long list would
// make it several times slower.
function guarded(
  resolver: GraphQLFieldResolver<unknown, GuardedContext>,
  check: Check,
): GraphQLFieldResolver<unknown, GuardedContext> {
  const wrapper: typeof resolver = (source, args, context, info) => {
    const authentication = context?.authentication;
    if (!authentication) throw unasked(info);
    const refusal = check(authentication);
    if (refusal !== null) throw toRefusal(refusal);
    return resolver(source, args, context, info);
  };
  wrappers.add(wrapper);
  return wrapper;
}

function unasked({ parentType, fieldName }: GraphQLResolveInfo): TypeError {
  return new TypeError(
    `${parentType.name}.${fieldName} was reached before the caller was authenticated.`,
  );
}

/** What `guardSchema` found out about a field; null for a field without a requirement, and for `__typename`. */
export function accessOf(type: GraphQLObjectType, fieldName: string): FieldAccess | null {
  return type.getFields()[fieldName]?.extensions.access ?? null;
}
