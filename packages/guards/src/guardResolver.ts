import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  OperationTypeNode,
} from 'graphql';
import { admissionOf, admit, latest } from './admissions.ts';
import { atMoment } from './atMoment.ts';
import type { Authentication, GuardedContext } from './authentication.ts';
import { type Check, type FieldChecks, judgeSeen } from './fieldChecks.ts';
import { findRefusal, refusalAt } from './refuse.ts';
import { type OnRefusal, tellOnce } from './refused.ts';
import { printRequirement, type Requirement } from './requirements.ts';

type Resolver = GraphQLFieldResolver<unknown, GuardedContext>;
type Info = GraphQLResolveInfo;
type Asking = (...given: Parameters<Resolver>) => Error | null;

// What each wrapper asks for, with what the resolver in it asks for, if that is one too.
const askedBy = new WeakMap<object, ReadonlySet<string>>();

// Default resolvers, and each wrapper around one.
const reading = new WeakSet<object>([defaultFieldResolver]);

/** Whether a field reads its value off the object whose field it is, guarded or not. */
export function readsObject(resolver: object | null | undefined): boolean {
  return !resolver || reading.has(resolver);
}

/** Says of a wrapper, or of a server's own default resolver, that it reads off the object what the other one does. */
export function keepReading(wrapper: object, resolver: object | null): void {
  if (readsObject(resolver)) reading.add(wrapper);
}

/** What a resolver is guarded with. */
type Guarding = FieldChecks & {
  readonly check: Check;
  readonly requirements: readonly Requirement[];
  readonly onRefusal?: OnRefusal | null;
};

/** Whether a field refuses anybody. Every guard asks something of the caller, whatever else it looks at. */
export function isGuarding(
  access: FieldChecks & {
    readonly requirements: readonly Requirement[];
    readonly onRefusal?: OnRefusal | null;
  },
): access is Guarding {
  return access.check !== null;
}

/** Whether a resolver is a wrapper that asks for all of these requirements. */
export function isGuardedBy(
  resolver: object | null | undefined,
  requirements: readonly Requirement[],
): boolean {
  const asked = resolver && askedBy.get(resolver);
  return Boolean(asked) && requirements.every((one) => asked?.has(printRequirement(one)));
}

/** Says of a wrapper that it asks for what the resolver in it asks for. */
export function keepAsked(wrapper: Resolver, resolver: Resolver): void {
  const asked = askedBy.get(resolver);
  if (asked) askedBy.set(wrapper, asked);
}

/**
 * Puts a check before a resolver; one that asks for as much already stays as it is. The wrapper is synchronous, and
 * returns what the resolver returns, untouched: a promise around every field of a long list would make it several
 * times slower.
 */
export function guardResolver(resolver: Resolver, guard: Guarding): Resolver {
  const { check, argumentCheck, requirements, onRefusal } = guard;
  if (isGuardedBy(resolver, requirements)) return resolver;
  const isSeeing = argumentCheck !== null || guard.objectCheck !== null;
  const admission = admissionOf(check);
  const refuse = (error: Error, caller: Authentication, context: GuardedContext, info: Info) => {
    if (onRefusal) {
      const coordinate = `${info.parentType.name}.${info.fieldName}`;
      const refused = { coordinate, error, authentication: caller, isDryRun: false };
      tellOnce(onRefusal, refused, context);
    }
    return refusalAt(error, info);
  };
  const ask: Asking = (source, args, context, info) => {
    const authentication = context?.authentication;
    if (!authentication) throw unasked(info);
    const caller = asOfNow(authentication, context, info);
    const refusal =
      findRefusal(check, caller, context) ??
      (isSeeing ? judgeSeen(guard, caller, args, source) : null);
    if (refusal !== null) return refuse(refusal, caller, context, info);
    // Of each field, the arguments are its own.
    if (argumentCheck === null) admit(admission, caller, source, info);
    return null;
  };
  // Small, so that the compiler can put them into the executor. Their conditions are no function of their own, which
  // would cost as much as the rest of them. They throw themselves: the further a throw goes, the more it costs.
  const byCaller: Resolver = (source, args, context, info) => {
    if (
      info.variableValues !== latest.execution ||
      context.authentication !== latest.caller ||
      admission.turn !== latest.turn
    ) {
      const refusal = ask(source, args, context, info);
      if (refusal !== null) throw refusal;
    }
    keepPrivate(info);
    return resolver(source, args, context, info);
  };
  const byObject: Resolver = (source, args, context, info) => {
    if (
      info.variableValues !== latest.execution ||
      context.authentication !== latest.caller ||
      source !== latest.object ||
      info.path.prev !== latest.place ||
      admission !== latest.by
    ) {
      const refusal = ask(source, args, context, info);
      if (refusal !== null) throw refusal;
    }
    keepPrivate(info);
    return resolver(source, args, context, info);
  };
  const wrapper = isSeeing ? byObject : byCaller;
  askedBy.set(
    wrapper,
    new Set([...requirements.map(printRequirement), ...(askedBy.get(resolver) ?? [])]),
  );
  keepReading(wrapper, resolver);
  return wrapper;
}

// What depends on the caller is not for caches that others read. This is where Apollo, and caches like it, look.
function keepPrivate({ cacheControl }: Info & CacheHinted): void {
  cacheControl?.cacheHint?.restrict?.({ scope: 'PRIVATE' });
}

interface CacheHinted {
  readonly cacheControl?: {
    readonly cacheHint?: { restrict?(hint: { readonly scope: 'PRIVATE' }): void };
  };
}

// The rest of an operation is over before time makes a difference to it; events come for as long as somebody listens.
function asOfNow(
  authentication: Authentication,
  { clock }: GuardedContext,
  { operation }: Info,
): Authentication {
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return authentication;
  return atMoment(authentication, Math.floor((clock?.().getTime() ?? Date.now()) / 1000));
}

function unasked({ parentType, fieldName }: Info): TypeError {
  return new TypeError(
    `${parentType.name}.${fieldName} was reached before the caller was authenticated.`,
  );
}
