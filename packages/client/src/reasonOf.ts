import type { AuthErrorReason } from './authErrorCodes.ts';

/**
 * The reason for which the server refused something, out of whatever a client made of it: `CombinedGraphQLErrors` of
 * Apollo Client, `CombinedError` of urql, a plain answer with `errors`, one error of it, a `SessionError`. Null when
 * there is none, as for a connection that failed. A newer server may have reasons that are not in the type: keep a
 * default.
 *
 * @example
 * const error = await session.signIn({ username: 'ada', password: 'wrong' }).catch((reason) => reason);
 * console.log(reasonOf(error)); // INVALID_CREDENTIALS
 */
export function reasonOf(error: unknown): AuthErrorReason | null {
  if (typeof error !== 'object' || error === null) return null;
  const { extensions, errors, graphQLErrors, networkError, cause } = error as {
    readonly [name: string]: unknown;
  };
  const reason = (extensions as { reason?: unknown } | undefined)?.reason;
  if (typeof reason === 'string') return reason as AuthErrorReason;
  for (const inner of [errors, graphQLErrors, networkError, cause].flat()) {
    const found = reasonOf(inner);
    if (found) return found;
  }
  return null;
}
