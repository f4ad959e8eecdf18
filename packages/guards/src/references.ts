import {
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import type { Authentication, GuardedContext } from './authentication.ts';
import { type Check, combineChecks, toRefusal } from './fieldChecks.ts';
import type { Guards } from './guardKinds.ts';
import { typeRequirements } from './requirements.ts';

type CompositeType = GraphQLObjectType | GraphQLInterfaceType;
type ReferenceResolver = (...given: unknown[]) => unknown;

/** Where federation keeps `__resolveReference`: Apollo's in the extensions of a type, other implementations on it. */
interface Referable {
  readonly extensions: {
    readonly apollo?: { readonly subgraph?: { readonly resolveReference?: unknown } };
  };
  resolveReference?: unknown;
}

/** Whether an entity is found by a function of its own, and not taken for what a reference says. */
export function hasReferenceResolver(type: CompositeType): boolean {
  const { extensions, resolveReference } = type as Referable;
  return isResolver(extensions.apollo?.subgraph?.resolveReference ?? resolveReference);
}

/**
 * The extensions of a type, with what it asks before its `__resolveReference`; null where there is none of Apollo's. A
 * reference to an interface is found out to be one of a type only after `_entities` has asked.
 */
export function guardedExtensions(schema: GraphQLSchema, type: CompositeType, guards: Guards) {
  const { extensions } = type as Referable;
  const resolver = extensions.apollo?.subgraph?.resolveReference;
  const check = combineChecks(typeRequirements(schema, type, guards), guards).check;
  if (!check || !isResolver(resolver)) return null;
  const subgraph = {
    ...extensions.apollo?.subgraph,
    resolveReference: guardReference(resolver, check),
  };
  return { ...extensions, apollo: { ...extensions.apollo, subgraph } };
}

/** The same for what is kept on the types themselves, now or later: Mercurius puts it there when it starts. */
export function guardReferences(schema: GraphQLSchema, guards: Guards): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const { check } = combineChecks(typeRequirements(schema, type, guards), guards);
    if (check) stayBefore(type as Referable, check);
  }
}

function stayBefore(type: Referable, check: Check): void {
  const around = (assigned: unknown) =>
    isResolver(assigned) ? guardReference(assigned, check) : assigned;
  let current = around(type.resolveReference);
  Object.defineProperty(type, 'resolveReference', {
    // What copies the additions of a type copies this one where there is one.
    enumerable: true,
    configurable: true,
    get: () => current,
    set: (assigned) => {
      current = around(assigned);
    },
  });
}

// What each wrapper stands before.
const behind = new WeakMap<ReferenceResolver, ReferenceResolver>();

function guardReference(assigned: ReferenceResolver, check: Check): ReferenceResolver {
  const resolver = behind.get(assigned) ?? assigned;
  const wrapper: ReferenceResolver = (reference, ...given) => {
    const authentication = findAuthentication(given);
    if (!authentication) {
      throw new TypeError('A reference was resolved before the caller was authenticated.');
    }
    const refusal = check(authentication);
    if (refusal !== null) throw toRefusal(refusal);
    return resolver(reference, ...given);
  };
  behind.set(wrapper, resolver);
  return wrapper;
}

// Apollo gives the context and the information, Mercurius arguments before, as to any other resolver.
function findAuthentication(given: readonly unknown[]): Authentication | null {
  const found = given.slice(0, 2).find((each) => Object(each).authentication);
  return (found as GuardedContext | undefined)?.authentication ?? null;
}

function isResolver(value: unknown): value is ReferenceResolver {
  return typeof value === 'function';
}
