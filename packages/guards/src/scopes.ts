import type { Authenticated } from './authentication.ts';
import { AuthError } from './errors.ts';
import { type Arguments, type DescribedGuard, signedIn } from './guardKinds.ts';

/** `@requiresScopes(scopes: [["items:write"], ["admin"]])`: all of one list, whichever it is. */
export const requiresScopes: DescribedGuard = {
  kind: 'caller',
  ofCaller: signedIn(({ scopes }, args) => {
    const alternatives = alternativesOf(args) ?? [];
    const isOpen = alternatives.some((all) => all.every((scope) => hasScope(scopes, scope)));
    return isOpen ? null : new AuthError('SCOPE_REQUIRED', { scopes: alternatives });
  }),
  requires: (args) =>
    (alternativesOf(args) ?? [])
      .map((all) => `the ${all.length > 1 ? 'scopes' : 'scope'} ${all.join(' and ')}`)
      .join(', or '),
  findProblem: (args) =>
    alternativesOf(args) ? null : 'whose scopes are not lists of one scope or more.',
};

// Whoever forgot to say which scopes a token has, gave it none.
function hasScope(scopes: Authenticated['scopes'], scope: string): boolean {
  return scopes === 'all' || (Array.isArray(scopes) && scopes.includes(scope));
}

/** Whether a text can be a scope (RFC 6749, section 3.3). */
export function isScope(text: unknown): text is string {
  return typeof text === 'string' && /^[!#-[\]-~]+$/.test(text);
}

/** The alternatives of a directive; null when they are none, or one of them would let everybody pass. */
export function alternativesOf({ scopes }: Arguments): string[][] | null {
  if (!Array.isArray(scopes) || scopes.length === 0) return null;
  const isAlternative = (all: unknown) =>
    Array.isArray(all) && all.length > 0 && all.every(isScope);
  return scopes.every(isAlternative) ? scopes : null;
}
