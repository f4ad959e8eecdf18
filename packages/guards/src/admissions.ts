import { type GraphQLResolveInfo, OperationTypeNode } from 'graphql';
import type { Authentication } from './authentication.ts';
import type { Check } from './fieldChecks.ts';

/** When the checks that some fields share let somebody through. */
interface Admission {
  turn: number;
}

// Nobody's: equal to nothing that a request has.
const nothing = Symbol('nothing');

/** What was asked of last, in the stretch of work that is under way. Another caller or execution is another turn. */
export const latest = {
  /** The variable values of a query: an object of its own for each execution. */
  execution: nothing as unknown,
  caller: nothing as unknown,
  turn: 0,
  /** The object of that query whose field was asked for, its place in the answer, and by which checks. */
  object: nothing as unknown,
  place: nothing as unknown,
  by: null as Admission | null,
};

const admissions = new WeakMap<Check, Admission>();

/** The admission of all fields that have this check. */
export function admissionOf(check: Check): Admission {
  const admission = admissions.get(check) ?? { turn: -1 };
  admissions.set(check, admission);
  return admission;
}

/**
 * Remembers that a caller was let through, and to which object, so that the fields of a long list need not ask again.
 * Only in a query, whose fields change nothing: what one field of a mutation does may decide about the next, and so may
 * the time between two events of a subscription. Only until something is waited for, because others may change
 * something meanwhile. And only at one place of the answer, because resolvers may fill the same object anew for the
 * next. Where another execution comes in between, both are asked again.
 */
export function admit(
  admission: Admission,
  caller: Authentication,
  object: unknown,
  { operation, variableValues, path }: GraphQLResolveInfo,
): void {
  if (operation.operation !== OperationTypeNode.QUERY || !variableValues) return;
  if (variableValues !== latest.execution || caller !== latest.caller) {
    if (latest.execution === nothing) queueMicrotask(forget);
    latest.execution = variableValues;
    latest.caller = caller;
    latest.turn += 1;
  }
  latest.object = object;
  latest.place = path.prev;
  latest.by = admission;
  admission.turn = latest.turn;
}

function forget(): void {
  latest.execution = nothing;
  latest.caller = nothing;
  latest.object = nothing;
  latest.place = nothing;
}
