import { type Authentication, anonymous } from '../authentication.ts';
import { AuthError, type AuthErrorReason, authErrors } from '../errors.ts';
import type { Guards } from '../guards.ts';
import { printRequirement, type Requirement } from '../requirements.ts';

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
    (guards[stronger.directive]?.(caller, stronger.args) ?? null) !== null;
  if (weaker.directive === 'public') return true;
  if (weaker.directive === 'optionalAuth') return rejected.every(refuses);
  if (weaker.directive === 'auth') return refuses(anonymous) && rejected.every(refuses);
  if (weaker.directive === 'fresh' && stronger.directive === 'fresh') {
    const [maxAge, other] = [stronger.args['maxAge'], weaker.args['maxAge']];
    if (typeof maxAge === 'number' && typeof other === 'number') return maxAge <= other;
  }
  return printRequirement(stronger) === printRequirement(weaker);
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
