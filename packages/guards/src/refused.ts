import type { Authentication, GuardedContext } from './authentication.ts';

/** A refusal, as `onRefusal` is told of it. */
export interface Refused {
  /** `Invoice.total` */
  readonly coordinate: string;
  /** What the caller gets, or would get; of a guard in dry run that throws, what it threw. */
  readonly error: Error;
  readonly authentication: Authentication;
  /** At the first door the whole operation is refused, at the second the field. */
  readonly door: 'first' | 'second';
  /** Whether the guard is in dry run, and the caller got the field. */
  readonly isDryRun: boolean;
}

/**
 * Is told of refusals, each field of a request once: to log, to count, to warn. The context is that of the resolvers;
 * at the first door, where there is none yet, null. It decides nothing, and it must not throw: what it throws, the
 * field, or the first door, fails with.
 */
export type OnRefusal = (refused: Refused, context: GuardedContext | null) => void;

// By the context of a request: in a long list, each item is refused alike.
const told = new WeakMap<object, Set<string>>();

/** Tells of a refusal at the second door, if nobody was told of the same field in the same request. */
export function tellOnce(
  onRefusal: OnRefusal,
  refused: Omit<Refused, 'door'>,
  context: GuardedContext,
): void {
  const ofContext = told.get(context) ?? new Set();
  told.set(context, ofContext);
  const key = `${refused.coordinate} ${refused.isDryRun}`;
  if (ofContext.has(key)) return;
  ofContext.add(key);
  onRefusal({ ...refused, door: 'second' }, context);
}
