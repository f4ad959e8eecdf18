import type { GraphQLError } from 'graphql';
import type { Authenticated, Authentication } from './authentication.ts';
import { AuthError } from './errors.ts';

/**
 * Decides whether a caller may pass: null, or the error that the caller gets. A guard has the name of its directive
 * and is given the directive's arguments. It must be synchronous and load nothing.
 */
export type Guard = (
  authentication: Authentication,
  args: Readonly<Record<string, unknown>>,
) => GraphQLError | null;

/**
 * Guards by the name of their directive. A field with several is checked in the order they have here. Null is for
 * `public` alone, which says out loud that nothing is checked.
 */
export type Guards = Readonly<Record<string, Guard | null>>;

/** Decides whether a caller may reach a field: null, or the error that the caller gets. */
export type Check = (authentication: Authentication) => GraphQLError | null;

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

/** Directives that let anonymous callers in. They stand on root fields only, and alone. */
export const openings: readonly string[] = ['optionalAuth', 'public'];

/**
 * The guards `@public`, `@optionalAuth`, `@auth`, `@fresh` and `@admin`. Add your own behind them:
 *
 * `freshSeconds` is how long after a password check `@fresh` passes where it has no `maxAge`.
 *
 * @example
 * const all = {
 *   ...authGuards({ freshSeconds: 300 }),
 *   owner: signedIn<string>(({ user }) => (user === 'ada' ? null : new GraphQLError('Not yours.'))),
 * };
 * console.log(Object.keys(all).join()); // public,optionalAuth,auth,fresh,admin,owner
 */
export function authGuards({ freshSeconds }: { freshSeconds: number }) {
  return {
    public: null,
    optionalAuth: (authentication) => refuseUnless(authentication, true),
    auth: signedIn(() => null),
    fresh: signedIn(({ passwordAgeSeconds }, args) => {
      const maxAge = typeof args['maxAge'] === 'number' ? args['maxAge'] : freshSeconds;
      const isFresh = passwordAgeSeconds !== null && passwordAgeSeconds <= maxAge;
      return isFresh ? null : new AuthError('FRESH_TOKEN_REQUIRED', { maxAge });
    }),
    admin: signedIn(({ isAdmin }) => (isAdmin ? null : new AuthError('ADMIN_REQUIRED'))),
  } as const satisfies Guards;
}

/**
 * A guard that asks for a user first, with the error of the token if there is none, and only then decides.
 *
 * @example
 * const owner = signedIn<string>(({ user }) => (user === 'ada' ? null : new GraphQLError('Not yours.')));
 * console.log(owner(anonymous, {})?.message); // Sign in first: no access token was sent.
 * console.log(owner({ ...callers.user, user: 'eve' }, {})?.message); // Not yours.
 */
export function signedIn<User>(
  decide: (
    authentication: Authenticated<User>,
    args: Readonly<Record<string, unknown>>,
  ) => GraphQLError | null,
): Guard {
  return (authentication, args) => {
    return authentication.status === 'authenticated'
      ? decide(authentication as Authenticated<User>, args)
      : refuseUnless(authentication, false);
  };
}

// Any other value is a mistake of the server, such as a promise without `await`. It must not let anyone pass.
function refuseUnless(authentication: Authentication, isOptional: boolean): AuthError | null {
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
