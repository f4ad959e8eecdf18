import type { GraphQLFormattedError } from 'graphql';
import { AuthError } from './errors.ts';

/** How a refusal is said in HTTP: the status, and the value of `WWW-Authenticate` (RFC 6750, section 3). */
export interface Challenge {
  readonly status: 401 | 403;
  readonly authenticate: string;
}

/**
 * Says the refusal of a whole operation in HTTP. Who sent no token is told no error code; who has to enter the password
 * again is told how recently, in seconds (RFC 9470, section 3).
 *
 * @example
 * const { status, authenticate } = toChallenge([new AuthError('TOKEN_MISSING')], 'shop');
 * console.log(status, authenticate); // 401 Bearer realm="shop"
 */
export function toChallenge(
  errors: readonly Pick<GraphQLFormattedError, 'message' | 'extensions'>[],
  realm: string,
): Challenge {
  const first = errors.find(({ extensions }) => extensions?.['code'] === 'UNAUTHENTICATED');
  const { message, extensions = {} } = first ?? errors[0] ?? new AuthError('TOKEN_MISSING');
  const parameters: Record<string, string> = { realm };
  if (!first) {
    parameters['error'] = 'insufficient_scope';
    // The first of the alternatives: there is no way to say several (RFC 6750, section 3).
    const [scopes] = Array.isArray(extensions['scopes']) ? extensions['scopes'] : [];
    if (Array.isArray(scopes)) parameters['scope'] = scopes.join(' ');
  } else if (extensions['reason'] === 'FRESH_TOKEN_REQUIRED') {
    parameters['error'] = 'insufficient_user_authentication';
    if (typeof extensions['maxAge'] === 'number')
      parameters['max_age'] = String(extensions['maxAge']);
  } else if (extensions['reason'] !== 'TOKEN_MISSING') parameters['error'] = 'invalid_token';
  if (parameters['error']) parameters['error_description'] = message;
  const authenticate = Object.entries(parameters).map(
    ([name, value]) => `${name}="${value.replaceAll(/[^ !#-[\]-~]/g, '')}"`,
  );
  return { status: first ? 401 : 403, authenticate: `Bearer ${authenticate.join(', ')}` };
}
