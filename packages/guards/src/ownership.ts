import type { Authenticated } from './authentication.ts';
import { AuthError } from './errors.ts';
import {
  type ArgumentGuard,
  type Arguments,
  argumentGuard,
  type ObjectGuard,
  objectGuard,
} from './guardKinds.ts';

/** Finds the id of a user, with which `@self` and `@owner` compare. */
export type IdOf = (user: unknown) => unknown;

/** The user's own `id`. */
export const defaultIdOf: IdOf = (user) =>
  (user as { readonly id?: unknown } | null | undefined)?.id;

/** `@self(argument: "id")`: the argument names the caller, or, if it is a list, nobody else. */
export function selfGuard(idOf: IdOf): ArgumentGuard {
  return {
    ...argumentGuard(({ user }, { argument }, fieldArguments) => {
      const named = readField(fieldArguments, argument);
      const all = Array.isArray(named) ? named : [named];
      // A list of nobody is often a way to ask for everybody.
      const isSelf = all.length > 0 && all.every((one) => isSameId(one, idOf(user)));
      return isSelf ? null : new AuthError('SELF_REQUIRED');
    }),
    requires: ({ argument }) => `the caller's own id as "${argument}"`,
    argumentOf: ({ argument }) => (isName(argument) ? argument : null),
    findProblem: ({ argument }) => (isName(argument) ? null : 'whose argument is not named.'),
  };
}

/** `@owner(field: "userId", or: ADMIN)`: the object names the caller in that field. */
export function ownerGuard(idOf: IdOf): ObjectGuard {
  const exempts = ({ isAdmin }: Authenticated, { or }: Arguments) =>
    or === 'ADMIN' && isAdmin === true;
  return {
    ...objectGuard((authentication, args, object) => {
      const isOwn = isSameId(readField(object, args['field']), idOf(authentication.user));
      if (isOwn || exempts(authentication, args)) return null;
      return new AuthError(args['or'] === 'ADMIN' ? 'ADMIN_REQUIRED' : 'OWNER_REQUIRED');
    }),
    exempts: (authentication, args) =>
      authentication.status === 'authenticated' && exempts(authentication, args),
    requires: ({ or }) => `the owner of the object${or === 'ADMIN' ? ', or an administrator' : ''}`,
    findProblem: ({ field, or = null }) => {
      if (!isName(field)) return 'whose field is not named.';
      return or === null || or === 'ADMIN' ? null : 'whose `or` is not ADMIN.';
    },
  };
}

// What is inherited by every object, such as `constructor`, is no id either.
function readField(object: unknown, name: unknown): unknown {
  if (typeof object !== 'object' || object === null || typeof name !== 'string') return undefined;
  return (object as Record<string, unknown>)[name];
}

// 7 of a database is "7" of an argument. Nothing else is taken for an id: no function, no promise, no object.
function isSameId(one: unknown, other: unknown): boolean {
  if (typeof one === 'string' && typeof other === 'string') return one !== '' && one === other;
  const id = toId(one);
  return id !== null && id === toId(other);
}

function toId(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : null;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
