import type { ClaimsToAdd } from '@sallyport/guards';
import type { Database } from './database/database.ts';
import type { UserRow } from './user/table.ts';
import { findUser } from './user/user.ts';

/** With what claims can be found. */
export interface ClaimsScene {
  readonly database: Database;
  readonly now: Date;
}

/**
 * Says what the access tokens of a user tell besides what the server needs: to other services, and to guards and
 * resolvers as `authentication.claims.additional`. It is asked for each token, when what the token is for has happened;
 * what it throws is an error of the server, and no token is given out.
 */
export type ClaimsFunction = (
  user: UserRow,
  scene: ClaimsScene,
) => ClaimsToAdd | Promise<ClaimsToAdd>;

/** The additional claims of a user: none where the server has no function for them. */
export async function additionalClaims(
  userId: string,
  { claimsOf, database, now }: ClaimsScene & { readonly claimsOf: ClaimsFunction | null },
): Promise<ClaimsToAdd> {
  if (!claimsOf) return {};
  const claims = await claimsOf(await findUser(database, userId), { database, now });
  // A function in JavaScript that forgets to return, say.
  if (claims === undefined) throw new TypeError('The function for claims returned none.');
  return claims;
}
