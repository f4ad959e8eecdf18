import { AuthError } from '@sallyport/guards';
import type { Authenticated, Context } from '../context.ts';

/**
 * The id of the session a caller comes from.
 *
 * @throws TOKEN_WRONG_TYPE when it is a program with an API token, which has no session
 */
export function requireSession({ authentication }: Authenticated<Context>): string {
  if (!authentication.claims) {
    const message = 'This is an API token; an access token is needed here.';
    throw new AuthError('TOKEN_WRONG_TYPE', { message });
  }
  return authentication.claims.sid;
}
