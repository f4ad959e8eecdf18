import {
  type FieldNode,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import type { Authentication, GuardedContext } from './authentication.ts';
import { entityUnionOf } from './federation.ts';
import { type Check, combineChecks } from './fieldChecks.ts';
import type { Guards } from './guardKinds.ts';
import { keepAsked } from './guardResolver.ts';
import { findRefusal, refusalAt } from './refuse.ts';
import { type OnRefusal, tellOnce } from './refused.ts';
import { typeRequirements } from './requirements.ts';
import { type FindFragment, fieldsOn } from './selections.ts';

type Resolver = GraphQLFieldResolver<unknown, GuardedContext>;

/** What `Query._entities` of a subgraph asks. */
export interface EntityAccess {
  /** What each type asks that it can be asked for, by name; null of a type that asks nothing. */
  readonly checks: ReadonlyMap<string, Check | null>;
  readonly onRefusal: OnRefusal | null;
}

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    entities?: EntityAccess;
  }
}

/** Finds what the types of references ask: that of each entity, and of each interface of one. */
export function findEntityAccess(
  schema: GraphQLSchema,
  guards: Guards,
  onRefusal: OnRefusal | null,
): EntityAccess | null {
  const entities = entityUnionOf(schema)?.getTypes();
  if (!entities) return null;
  const checkOf = (type: GraphQLObjectType) =>
    combineChecks(typeRequirements(schema, type, guards), guards).check;
  const interfaces = [...new Set(entities.flatMap((type) => type.getInterfaces()))];
  const checks = [
    ...entities.map((type): [string, Check | null] => [type.name, checkOf(type)]),
    // Each type of an interface asks what that asks, too.
    ...interfaces.map((type): [string, Check | null] => [
      type.name,
      any(entities.filter((entity) => schema.isSubType(type, entity)).map(checkOf)),
    ]),
  ];
  return { checks: new Map(checks), onRefusal };
}

/**
 * What the first door asks of a selection on `_entities`. Which references it will be given is not looked at: it is
 * refused where each type that the selection is about would be.
 */
export function checkOfSelection(
  { checks }: EntityAccess,
  node: FieldNode,
  { schema, findFragment }: { schema: GraphQLSchema; findFragment: FindFragment },
): Check | null {
  const types = entityUnionOf(schema)?.getTypes() ?? [];
  const { selectionSet } = node;
  const selected = selectionSet
    ? types.filter((type) => fieldsOn(schema, type, selectionSet, findFragment).length > 0)
    : [];
  return any(selected.map(({ name }) => checks.get(name) ?? null));
}

// Lets pass whom one of them lets pass.
function any(checks: readonly (Check | null)[]): Check | null {
  const asking = checks.filter((check) => check !== null);
  if (asking.length === 0 || asking.length < checks.length) return null;
  return (authentication) => {
    const refusals = asking.map((check) => check(authentication));
    return refusals.includes(null) ? null : (refusals[0] ?? null);
  };
}

// What each wrapper stands before.
const behind = new WeakMap<Resolver, Resolver>();

/** Whether a resolver of `_entities` asks for each reference what its type asks. */
export function asksOfEntities(resolver: Resolver | null | undefined): boolean {
  return Boolean(resolver && behind.has(resolver));
}

/**
 * Puts what the types ask before the resolver of `_entities`: it is given the references alone that the caller may
 * have. In the place of each other stands its error, so that the rest of the list is answered.
 */
export function guardEntities(given: Resolver, access: EntityAccess): Resolver {
  const resolver = behind.get(given) ?? given;
  const wrapper: Resolver = (source, args, context, info) => {
    const { authentication } = context ?? {};
    if (!authentication) {
      throw new TypeError('Query._entities was reached before the caller was authenticated.');
    }
    const { representations } = args as { readonly representations: readonly unknown[] };
    const refusals = representations.map((reference, index) =>
      judge(reference, access, { authentication, context, info, index }),
    );
    if (refusals.every((refusal) => refusal === null)) return resolver(source, args, context, info);
    const allowed = representations.filter((_, index) => refusals[index] === null);
    if (allowed.length === 0) return refusals;
    const resolved = resolver(source, { ...args, representations: allowed }, context, info);
    return isPromise(resolved)
      ? resolved.then((values) => fill(refusals, values))
      : fill(refusals, resolved);
  };
  behind.set(wrapper, resolver);
  keepAsked(wrapper, resolver);
  return wrapper;
}

interface Caller {
  readonly authentication: Authentication;
  readonly context: GuardedContext;
  readonly info: GraphQLResolveInfo;
  readonly index: number;
}

function judge(
  reference: unknown,
  { checks, onRefusal }: EntityAccess,
  { authentication, context, info, index }: Caller,
): Error | null {
  const { __typename: name } = Object(reference) as { __typename?: unknown };
  const check = typeof name === 'string' ? checks.get(name) : undefined;
  // What is no entity would be taken for an object, with whatever its sender writes into it.
  if (check === undefined) return notAnEntity(String(name));
  const refusal = check && findRefusal(check, authentication, context);
  if (!refusal) return null;
  if (onRefusal) {
    const refused = { coordinate: String(name), error: refusal, authentication, isDryRun: false };
    tellOnce(onRefusal, refused, context);
  }
  const path = { prev: info.path, key: index, typename: undefined };
  return refusalAt(refusal, { ...info, path });
}

function notAnEntity(name: string): GraphQLError {
  const extensions = { code: 'BAD_USER_INPUT' };
  return new GraphQLError(`${name.slice(0, 100)} is no entity of this subgraph.`, { extensions });
}

function fill(refusals: readonly (Error | null)[], resolved: unknown): unknown[] {
  const values = (resolved as Iterable<unknown>)[Symbol.iterator]();
  return refusals.map((refusal) => refusal ?? values.next().value);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null)?.then === 'function';
}
