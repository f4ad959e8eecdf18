import { type Authentication, anonymous } from '../authentication.ts';
import { callers } from '../callers.ts';
import { AuthError, type AuthErrorReason, authErrors } from '../errors.ts';
import { type Guards, toKind } from '../guardKinds.ts';
import { distinctRequirements, printRequirement, type Requirement } from '../requirements.ts';

const rejected = (Object.keys(authErrors) as AuthErrorReason[]).map((reason): Authentication => {
  return { status: 'rejected', error: new AuthError(reason) };
});

/**
 * Whether every caller who satisfies `stronger` satisfies `weaker` too, as far as can be known: a guard that refuses
 * callers without a user implies `@auth`, one that refuses bad tokens implies `@optionalAuth`, and a recent password
 * check implies a less recent one.
 */
export function implies(stronger: Requirement, weaker: Requirement, guards: Guards): boolean {
  const refuses = (caller: Authentication) =>
    (toKind(guards[stronger.directive])?.ofCaller(caller, stronger.args) ?? null) !== null;
  if (weaker.directive === 'public') return true;
  if (weaker.directive === 'optionalAuth') return rejected.every(refuses);
  if (weaker.directive === 'auth') return refuses(anonymous) && rejected.every(refuses);
  if (weaker.directive === 'fresh' && stronger.directive === 'fresh') {
    const [maxAge, other] = [stronger.args['maxAge'], weaker.args['maxAge']];
    if (typeof maxAge === 'number' && typeof other === 'number') return maxAge <= other;
  }
  if (stronger.directive === 'admin' && exempts(weaker, callers.admin, guards)) return true;
  return identityOf(stronger, guards) === identityOf(weaker, guards);
}

/** Whether a caller passes a guard that sees the object whatever the object is. */
export function exempts(
  { directive, args }: Requirement,
  caller: Authentication,
  guards: Guards,
): boolean {
  const guard = toKind(guards[directive]);
  return guard?.kind === 'object' && guard.exempts?.(caller, args) === true;
}

/**
 * What makes two requirements the same: how they are written, and, of those that see arguments or objects, whose. To
 * own one object does not mean to own the next.
 */
export function identityOf(requirement: Requirement, guards: Guards): string {
  const isOfCaller = (toKind(guards[requirement.directive])?.kind ?? 'caller') === 'caller';
  const printed = printRequirement(requirement);
  return isOfCaller ? printed : `${printed} of ${requirement.coordinate}`;
}

/** The requirements of a field as they count on the way to it: for the object, or the arguments, of this very place. */
export function atPlace(
  requirements: readonly Requirement[],
  { typeName, fieldName }: { typeName: string; fieldName: string },
  guards: Guards,
): Requirement[] {
  return distinctRequirements(requirements).map((one) => {
    const kind = toKind(guards[one.directive])?.kind ?? 'caller';
    if (kind === 'caller') return one;
    return { ...one, coordinate: kind === 'object' ? typeName : `${typeName}.${fieldName}` };
  });
}

/** Whether every caller who satisfies all of `stronger` satisfies all of `weaker`. */
export function impliesAll(
  stronger: readonly Requirement[],
  weaker: readonly Requirement[],
  guards: Guards,
): boolean {
  return weaker.every(
    (one) => one.directive === 'public' || stronger.some((other) => implies(other, one, guards)),
  );
}
