import { AuthError } from '@sallyport/guards';
import type { Authenticated, Context } from '../context.ts';

/**
 * The id of the session a caller comes from.
 *
 * @throws TOKEN_WRONG_TYPE when it has no session: a program with an API token, or who has a token of another issuer
 */
export function requireSession({ authentication }: Authenticated<Context>): string {
  if (!authentication.claims) {
    const message = authentication.foreign
      ? 'This is a token of another issuer; an access token of this server is needed here.'
      : 'This is an API token; an access token is needed here.';
    throw new AuthError('TOKEN_WRONG_TYPE', { message });
  }
  return authentication.claims.sid;
}
