import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type GraphQLFieldConfig,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
} from 'graphql';
import type { GuardedContext } from './authentication.ts';
import { describeRequirements } from './descriptions.ts';
import { type EntityAccess, findEntityAccess, guardEntities } from './entities.ts';
import { combineChecks, type FieldChecks } from './fieldChecks.ts';
import { type Guarding, guardingOf } from './guarding.ts';
import { type Guards, splitGuards } from './guardKinds.ts';
import { guardResolver, isGuarding, keepReading } from './guardResolver.ts';
import { keepAdditions } from './keepAdditions.ts';
import { findPlacementProblems } from './placement.ts';
import { guardedExtensions, guardReferences } from './references.ts';
import type { OnRefusal } from './refused.ts';
import {
  distinctRequirements,
  effectiveRequirements,
  neededRequirements,
  printRequirement,
  type Requirement,
} from './requirements.ts';
import { type DefaultResolvers, stayGuarded } from './stayGuarded.ts';
import { type Trial, tryResolver } from './tryResolver.ts';

/** What `guardSchema` found out about a field with access directives, its own or inherited ones. */
export interface FieldAccess extends FieldChecks {
  readonly requirements: readonly Requirement[];
  readonly onRefusal?: OnRefusal | null;
}

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    access?: FieldAccess;
    /** Of guards in dry run. */
    trial?: Trial;
  }
}

export interface GuardSettings extends Partial<DefaultResolvers> {
  readonly guards: Guards;
  /** The directives of others, such as `cacheControl`, which decide nothing about access. */
  readonly others?: readonly string[];
  /** Is told of refusals, and of those that a guard in dry run would give. */
  readonly onRefusal?: OnRefusal;
}

/**
 * Puts the guards on every field that has one of their directives: on itself, its type, or an interface of its type.
 * They are one synchronous wrapper around `resolve` and one around `subscribe`. The requirement of each field is
 * added to its description, because introspection does not show directives.
 *
 * A schema may be guarded again, after it was extended or merged with others: what is guarded stays, and what is new
 * gets its guards. A server that is given a `fieldResolver` of its own for fields without a resolver passes it here
 * too: a guarded field has a resolver.
 *
 * @throws TypeError when a directive stands where it is not enforced or is neither a guard nor named in `others`, when
 * two contradict each other, and when a field of Query, Mutation or Subscription has none, with a line for each
 *
 * @example
 * const typeDefs = [authTypeDefs, 'type Query { me: String @auth }'];
 * const guarded = guardSchema(makeExecutableSchema({ typeDefs }), { guards });
 * const contextValue = { authentication: anonymous };
 * const { errors } = await graphql({ schema: guarded, source: '{ me }', contextValue });
 * console.log(errors?.[0]?.message); // Sign in first: no access token was sent.
 */
export function guardSchema(
  schema: GraphQLSchema,
  {
    guards: all,
    others: named = [],
    onRefusal,
    fieldResolver = defaultFieldResolver,
    subscribeFieldResolver = defaultFieldResolver,
  }: GuardSettings,
): GraphQLSchema {
  const problems = findPlacementProblems(schema, { guards: all, others: named });
  if (problems.length > 0) throw new TypeError(problems.join('\n'));
  // To everything that follows, a guard in dry run is none.
  const { enforced: guards, tried } = splitGuards(all);
  const others = [...named, ...Object.keys(tried)];
  const before = guardingOf(schema)?.requirements ?? new Map<string, readonly Requirement[]>();
  const requirementsOfAll = new Map(before);
  // The same functions for all fields with the same requirements.
  const known = new Map<string, FieldChecks>();
  const describe = (typeName: string, fieldName: string): FieldAccess | null => {
    const type = schema.getType(typeName);
    if (!isObjectType(type) && !isInterfaceType(type)) return null;
    const requirements = neededRequirements(schema, type, fieldName, {
      guards,
      requirements: before,
    });
    if (requirements.length === 0) return null;
    requirementsOfAll.set(`${typeName}.${fieldName}`, requirements);
    const key = distinctRequirements(requirements).map(printRequirement).join(' ');
    const checks = known.get(key) ?? combineChecks(requirements, guards);
    known.set(key, checks);
    return { requirements, ...checks, onRefusal: onRefusal ?? null };
  };
  const findTrial = (typeName: string, fieldName: string): Trial | null => {
    const type = schema.getType(typeName);
    if (!onRefusal || !isObjectType(type)) return null;
    const requirements = effectiveRequirements(schema, type, fieldName, tried);
    return requirements.length > 0
      ? { checks: combineChecks(requirements, tried), onRefusal }
      : null;
  };
  const guarding = () => ({ guards, others, requirements: requirementsOfAll });
  const defaults: DefaultResolvers = { fieldResolver, subscribeFieldResolver };
  keepReading(fieldResolver, null);
  const entities = findEntityAccess(schema, guards, onRefusal ?? null);
  const guarded = mapSchema(schema, {
    [MapperKind.OBJECT_TYPE]: (type) => {
      const extensions = guardedExtensions(schema, type, guards);
      return extensions ? new GraphQLObjectType({ ...type.toConfig(), extensions }) : undefined;
    },
    [MapperKind.INTERFACE_TYPE]: (type) => {
      const extensions = guardedExtensions(schema, type, guards);
      return extensions ? new GraphQLInterfaceType({ ...type.toConfig(), extensions }) : undefined;
    },
    [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) => {
      const access = describe(typeName, fieldName);
      const trial = findTrial(typeName, fieldName);
      const isSource = typeName === schema.getSubscriptionType()?.name;
      const described = access ? withAccess(field, { access, guards, guarding }) : field;
      const given = guardField(withTrial(described, trial), access, isSource, defaults);
      const isEntities = fieldName === '_entities' && typeName === schema.getQueryType()?.name;
      return isEntities && entities ? withEntities(given, entities, fieldResolver) : given;
    },
    [MapperKind.INTERFACE_FIELD]: (field, fieldName, typeName) => {
      const access = describe(typeName, fieldName);
      return access ? withAccess(field, { access, guards, guarding }) : undefined;
    },
  });
  const served = new GraphQLSchema({
    ...guarded.toConfig(),
    extensions: { ...guarded.extensions, guarding },
  });
  keepAdditions(schema, served);
  stayGuarded(served, defaults);
  guardReferences(served, guards);
  return served;
}

type Field = GraphQLFieldConfig<unknown, GuardedContext>;

function withAccess(
  field: Field,
  { access, guards, guarding }: { access: FieldAccess; guards: Guards; guarding: () => Guarding },
): Field {
  const description = describe(field, access, guards);
  return {
    ...field,
    description,
    // What prints a schema with its directives reads the descriptions here.
    astNode: field.astNode && {
      ...field.astNode,
      description: { kind: Kind.STRING, value: description, block: true },
    },
    extensions: { ...field.extensions, access, guarding },
  };
}

function withEntities(
  field: Field,
  entities: EntityAccess,
  fieldResolver: DefaultResolvers['fieldResolver'],
): Field {
  const resolve = guardEntities(field.resolve ?? fieldResolver, entities);
  return { ...field, resolve, extensions: { ...field.extensions, entities } };
}

function withTrial(field: Field, trial: Trial | null): Field {
  if (!trial) return field;
  return { ...field, extensions: { ...field.extensions, trial } };
}

// The requirement of before, from an earlier guarding, is replaced by the one of now.
function describe({ description, extensions }: Field, access: FieldAccess, guards: Guards): string {
  const ending = describeRequirements(access.requirements, guards);
  const endings = [
    ending,
    extensions?.access && describeRequirements(extensions.access.requirements, guards),
  ];
  const paragraphs = (description ?? '').split('\n\n');
  const own = endings.includes(paragraphs.at(-1)) ? paragraphs.slice(0, -1) : paragraphs;
  return [...own, ending].filter(Boolean).join('\n\n');
}

// A field of Subscription has a source even if it has no `subscribe` of its own: the method of the root value.
function guardField(
  field: Field,
  access: FieldAccess | null,
  isSource: boolean,
  { fieldResolver, subscribeFieldResolver }: DefaultResolvers,
): Field {
  const trial = field.extensions?.trial;
  const isGuarded = access !== null && isGuarding(access);
  if (!isGuarded && !trial) return field;
  const around = (resolver: typeof fieldResolver) =>
    isGuarded ? guardResolver(tryResolver(resolver, trial), access) : tryResolver(resolver, trial);
  return {
    ...field,
    resolve: around(field.resolve ?? fieldResolver),
    ...(isSource &&
      isGuarded && { subscribe: guardResolver(field.subscribe ?? subscribeFieldResolver, access) }),
  };
}

/**
 * What `guardSchema` found out about a field; null for a field without a requirement, and for `__typename`.
 *
 * @example
 * const query = schema.getQueryType();
 * const access = query && accessOf(query, 'me');
 * console.log(access?.requirements.map(printRequirement)); // [ '@auth' ]
 */
export function accessOf(type: GraphQLObjectType, fieldName: string): FieldAccess | null {
  return type.getFields()[fieldName]?.extensions.access ?? null;
}
