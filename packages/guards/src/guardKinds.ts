import type { GraphQLError } from 'graphql';
import type { Authenticated, Authentication } from './authentication.ts';
import { AuthError } from './errors.ts';

/** The arguments of a directive, or of a field. */
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * Decides by the caller alone: null, or the error that the caller gets. It is given the directive's arguments. It must
 * be synchronous and load nothing.
 */
export type CallerGuard = (authentication: Authentication, args: Arguments) => GraphQLError | null;

/** What every guard that is more than a function has. */
interface Described {
  /** What it asks of the caller alone, before anything else: the first door asks that much. */
  readonly ofCaller: CallerGuard;
  /** What it requires, for people, where `describeGuard` has said it: `a full name`. */
  readonly requires?: string | ((args: Arguments) => string);
  /** What is wrong with the arguments of the directive, behind `Query.me has @owner, `; null when nothing is. */
  readonly findProblem?: (args: Arguments) => string | null;
  /** Whether it refuses nobody, as `dryRun` has it, and `onRefusal` is told of whom it would refuse. */
  readonly isDryRun?: boolean;
}

/** A caller guard with a description. */
export interface DescribedGuard extends Described {
  readonly kind: 'caller';
}

/** Decides by the caller and the values of the field's own arguments, as `argumentGuard` makes it. */
export interface ArgumentGuard extends Described {
  readonly kind: 'argument';
  readonly decide: (
    authentication: Authentication,
    args: Arguments,
    fieldArguments: Arguments,
  ) => GraphQLError | null;
  /** Which argument of its field the directive names; null when none in particular. */
  readonly argumentOf?: (args: Arguments) => string | null;
}

/** Decides by the caller and the object whose field it is, as `objectGuard` makes it. */
export interface ObjectGuard extends Described {
  readonly kind: 'object';
  readonly decide: (
    authentication: Authentication,
    args: Arguments,
    object: unknown,
  ) => GraphQLError | null;
  /** Who passes whatever the object is. */
  readonly exempts?: (authentication: Authentication, args: Arguments) => boolean;
}

/** A function, which decides by the caller alone, or what `argumentGuard`, `objectGuard` or `describeGuard` makes. */
export type Guard = CallerGuard | DescribedGuard | ArgumentGuard | ObjectGuard;

/**
 * Guards by the name of their directive. A field with several is checked in the order they have here: first what each
 * asks of the caller alone, then those that see arguments, then those that see the object. Null is for `public` alone,
 * which says out loud that nothing is checked.
 */
export type Guards = Readonly<Record<string, Guard | null>>;

/** A guard in the one form that the engine works with. */
export type GuardOfKind = DescribedGuard | ArgumentGuard | ObjectGuard;

/**
 * Whether a value is a guard, as far as its form tells.
 *
 * @example
 * console.log(isGuard(guards.owner), isGuard('owner')); // true false
 */
export function isGuard(value: unknown): value is Guard {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  const { kind, ofCaller, decide } = value as Partial<ObjectGuard>;
  const decides = (kind as string) === 'caller' || typeof decide === 'function';
  return (
    ['caller', 'argument', 'object'].includes(kind ?? '') &&
    typeof ofCaller === 'function' &&
    decides
  );
}

/**
 * Gives a guard the one form; null for `@public`.
 *
 * @example
 * console.log(toKind(guards.auth)?.kind, toKind(guards.public)); // caller null
 */
export function toKind(guard: Guard | null | undefined): GuardOfKind | null {
  if (!guard) return null;
  return typeof guard === 'function' ? { kind: 'caller', ofCaller: guard } : guard;
}

/** Refuses whoever has no user, with the error of the token. */
export const requireUser: CallerGuard = (authentication) => refuseUnless(authentication, false);

/**
 * A guard that asks for a user first, with the error of the token if there is none, and only then decides.
 *
 * @example
 * const owner = signedIn<string>(({ user }) => (user === 'ada' ? null : new GraphQLError('Not yours.')));
 * console.log(owner(anonymous, {})?.message); // Sign in first: no access token was sent.
 * console.log(owner({ ...callers.user, user: 'eve' }, {})?.message); // Not yours.
 */
export function signedIn<User>(
  decide: (authentication: Authenticated<User>, args: Arguments) => GraphQLError | null,
): CallerGuard {
  return (authentication, args) =>
    authentication.status === 'authenticated'
      ? decide(authentication as Authenticated<User>, args)
      : refuseUnless(authentication, false);
}

/**
 * A guard that sees the values of the arguments of its field, variables and defaults included: both doors ask it. Who
 * is not signed in does not get that far.
 *
 * @example
 * const small = argumentGuard((_caller, _args, { first }) =>
 *   Number(first) <= 10 ? null : new GraphQLError('Ten at most.'),
 * );
 * console.log(small.decide(callers.user, {}, { first: 11 })?.message); // Ten at most.
 */
export function argumentGuard<User>(
  decide: (
    authentication: Authenticated<User>,
    args: Arguments,
    fieldArguments: Arguments,
  ) => GraphQLError | null,
): ArgumentGuard {
  return { kind: 'argument', ofCaller: requireUser, decide: afterUser(decide) };
}

/**
 * A guard that sees the object whose field it is, as the field around it loaded it. The second door asks it; the first
 * asks that somebody is signed in, because no object is there yet.
 *
 * @example
 * const draft = objectGuard<unknown, { isDraft: boolean }>((_caller, _args, { isDraft }) =>
 *   isDraft ? new GraphQLError('Not published yet.') : null,
 * );
 * console.log(draft.decide(callers.user, {}, { isDraft: true })?.message); // Not published yet.
 */
export function objectGuard<User, Parent = unknown>(
  decide: (
    authentication: Authenticated<User>,
    args: Arguments,
    object: Parent,
  ) => GraphQLError | null,
): ObjectGuard {
  const judge = decide as (
    authentication: Authenticated<User>,
    args: Arguments,
    object: unknown,
  ) => GraphQLError | null;
  return { kind: 'object', ofCaller: requireUser, decide: afterUser(judge) };
}

/**
 * The same guard, with what it requires in words of one's own. They stand in the description of each field that it
 * guards, which explorers show.
 *
 * @example
 * const named = describeGuard('a full name', signedIn(() => null));
 * console.log(named.requires); // a full name
 */
export function describeGuard(
  requires: string | ((args: Arguments) => string),
  guard: Guard,
): GuardOfKind {
  const kind = toKind(guard);
  if (!kind) throw new TypeError('There is no guard to describe.');
  return { ...kind, requires };
}

/**
 * The same guard, which refuses nobody: `onRefusal` of `guardSchema` is told of whom it would refuse. So a guard that
 * is new can be watched for a while in production. Until then its directive counts for nothing: not for a root field
 * that needs one, not in the map, not in descriptions.
 *
 * @example
 * const soon = dryRun(guards.admin);
 * console.log(soon.isDryRun, soon.kind); // true caller
 */
export function dryRun(guard: Guard): GuardOfKind {
  const kind = toKind(guard);
  if (!kind) throw new TypeError('There is no guard to try.');
  return { ...kind, isDryRun: true };
}

/** The guards that refuse, and those in dry run. */
export function splitGuards(guards: Guards): { readonly enforced: Guards; readonly tried: Guards } {
  const only = (isDryRun: boolean) =>
    Object.fromEntries(
      Object.entries(guards).filter(([, guard]) => (toKind(guard)?.isDryRun === true) === isDryRun),
    );
  return { enforced: only(false), tried: only(true) };
}

function afterUser<User, Seen>(
  decide: (authentication: Authenticated<User>, args: Arguments, seen: Seen) => GraphQLError | null,
) {
  return (authentication: Authentication, args: Arguments, seen: Seen) =>
    authentication.status === 'authenticated'
      ? decide(authentication as Authenticated<User>, args, seen)
      : refuseUnless(authentication, false);
}

// Any other value is a mistake of the server, such as a promise without `await`. It must not let anyone pass.
export function refuseUnless(
  authentication: Authentication,
  isOptional: boolean,
): AuthError | null {
  switch (authentication.status) {
    case 'rejected':
      return authentication.error;
    case 'anonymous':
      return isOptional ? null : new AuthError('TOKEN_MISSING');
    case 'authenticated':
      return null;
    default:
      throw new TypeError('The authentication in the context is not an Authentication.');
  }
}
