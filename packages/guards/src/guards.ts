import { AuthError } from './errors.ts';
import { type Guards, refuseUnless, signedIn } from './guardKinds.ts';
import { defaultIdOf, type IdOf, ownerGuard, selfGuard } from './ownership.ts';
import { requiresScopes } from './scopes.ts';

/** Directives that let anonymous callers in. They stand on root fields only, and alone. */
export const openings: readonly string[] = ['optionalAuth', 'public'];

/**
 * The guards `@public`, `@optionalAuth`, `@auth`, `@fresh`, `@admin`, `@requiresScopes`, `@self` and `@owner`. Add your
 * own behind them.
 *
 * `freshSeconds` is how long after a password check `@fresh` passes where it has no `maxAge`. `idOf` finds the id of a
 * user, with which `@self` and `@owner` compare: `user.id`, unless it is given.
 *
 * @example
 * const all = {
 *   ...authGuards({ freshSeconds: 300 }),
 *   ada: signedIn<string>(({ user }) => (user === 'ada' ? null : new GraphQLError('Not yours.'))),
 * };
 * console.log(Object.keys(all).join()); // public,optionalAuth,auth,fresh,admin,requiresScopes,self,owner,ada
 */
export function authGuards({
  freshSeconds,
  idOf = defaultIdOf,
}: {
  freshSeconds: number;
  idOf?: IdOf;
}) {
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
    requiresScopes,
    self: selfGuard(idOf),
    owner: ownerGuard(idOf),
  } as const satisfies Guards;
}
