import type { GraphQLError } from 'graphql';
import type { Authentication } from './authentication.ts';
import { type Arguments, type GuardOfKind, type Guards, toKind } from './guardKinds.ts';
import { distinctRequirements, type Requirement } from './requirements.ts';

/** Decides whether a caller may reach a field, by the caller alone: null, or the error that the caller gets. */
export type Check = (authentication: Authentication) => GraphQLError | null;

/** The same by what else is seen: the values of the field's arguments, or the object whose field it is. */
export type SeeingCheck<Seen> = (authentication: Authentication, seen: Seen) => GraphQLError | null;

/** What a field asks, in the order in which it asks. Each is null where it refuses nobody. */
export interface FieldChecks {
  readonly check: Check | null;
  readonly argumentCheck: SeeingCheck<Arguments> | null;
  readonly objectCheck: SeeingCheck<unknown> | null;
}

/** The checks of all requirements of a field, in the order of the requirements. */
export function combineChecks(requirements: readonly Requirement[], guards: Guards): FieldChecks {
  const asked = distinctRequirements(requirements).flatMap(({ directive, args }) => {
    const guard = toKind(guards[directive]);
    return guard ? [{ guard, args }] : [];
  });
  return {
    check: all(asked.map(ofCaller)),
    argumentCheck: all(
      asked.flatMap(({ guard, args }): SeeingCheck<Arguments>[] =>
        guard.kind === 'argument'
          ? [(authentication, seen) => guard.decide(authentication, args, seen)]
          : [],
      ),
    ),
    objectCheck: all(
      asked.flatMap(({ guard, args }): SeeingCheck<unknown>[] =>
        guard.kind === 'object'
          ? [(authentication, seen) => guard.decide(authentication, args, seen)]
          : [],
      ),
    ),
  };
}

function ofCaller({ guard, args }: { guard: GuardOfKind; args: Arguments }): Check {
  return (authentication) => guard.ofCaller(authentication, args);
}

function all<Given extends unknown[]>(
  checks: readonly ((...given: Given) => GraphQLError | null)[],
): ((...given: Given) => GraphQLError | null) | null {
  if (checks.length <= 1) return checks[0] ?? null;
  return (...given) => {
    for (const check of checks) {
      const refusal = check(...given);
      if (refusal !== null) return refusal;
    }
    return null;
  };
}

/**
 * Decides of one field whether a caller gets it, as the second door does: by the caller, then the values of its
 * arguments, then the object whose field it is.
 *
 * @throws TypeError when a guard gave neither null nor an error at once
 *
 * @example
 * const query = schema.getQueryType();
 * const access = query && accessOf(query, 'me');
 * const refusal = access && judgeField(access, anonymous, { args: {}, object: null });
 * console.log(refusal?.message); // Sign in first: no access token was sent.
 */
export function judgeField(
  checks: FieldChecks,
  authentication: Authentication,
  { args, object }: { args: Arguments; object: unknown },
): Error | null {
  const ofCaller = checks.check ? checks.check(authentication) : null;
  return ofCaller === null ? judgeSeen(checks, authentication, args, object) : toRefusal(ofCaller);
}

/** The part of it behind the caller. */
export function judgeSeen(
  { argumentCheck, objectCheck }: FieldChecks,
  authentication: Authentication,
  args: Arguments,
  object: unknown,
): Error | null {
  const ofArguments = argumentCheck ? argumentCheck(authentication, args) : null;
  if (ofArguments !== null) return toRefusal(ofArguments);
  const ofObject = objectCheck ? objectCheck(authentication, object) : null;
  return ofObject === null ? null : toRefusal(ofObject);
}

/**
 * Returns the error to throw for what a check returned instead of null. A guard that returns nothing, or a promise,
 * lets nobody pass.
 */
export function toRefusal(given: GraphQLError): Error {
  if (given instanceof Error) return given;
  // What a guard that was written as asynchronous throws later must not end the process.
  Promise.resolve(given).catch(() => {});
  return new TypeError('A guard gave neither null nor an error at once.');
}
