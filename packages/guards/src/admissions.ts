import { type GraphQLResolveInfo, OperationTypeNode } from 'graphql';
import type { Authentication } from './authentication.ts';
import type { Check } from './fieldChecks.ts';

/** When the checks that some fields share let somebody through. */
interface Admission {
  turn: number;
  objectTurn: number;
}

// What was asked of last. Each change of it is another turn.
export const latest = {
  /** The variable values of a query: an object that each execution makes anew. */
  execution: null as unknown,
  caller: null as Authentication | null,
  turn: 0,
  /** The object of that query whose field was asked for. */
  object: null as unknown,
  objectTurn: 0,
};

const admissions = new WeakMap<Check, Admission>();

/** The admission of all fields that have this check. */
export function admissionOf(check: Check): Admission {
  const admission = admissions.get(check) ?? { turn: -1, objectTurn: -1 };
  admissions.set(check, admission);
  return admission;
}

/**
 * Remembers that a caller was let through, and to which object, so that the fields of a long list need not ask again.
 * Only in a query, whose fields change nothing: what one field of a mutation does may decide about the next, and so may
 * the time between two events of a subscription. Where another execution comes in between, both are asked again.
 */
export function admit(
  admission: Admission,
  caller: Authentication,
  object: unknown,
  { operation, variableValues }: GraphQLResolveInfo,
): void {
  if (operation.operation !== OperationTypeNode.QUERY || !variableValues) return;
  const isOther = variableValues !== latest.execution || caller !== latest.caller;
  if (isOther) {
    latest.execution = variableValues;
    latest.caller = caller;
    latest.turn += 1;
  }
  if (isOther || object !== latest.object) {
    latest.object = object;
    latest.objectTurn += 1;
  }
  admission.turn = latest.turn;
  admission.objectTurn = latest.objectTurn;
}
