import type { RefreshClaims } from '@sallyport/guards';
import type { Context } from '../context.ts';
import type { Database } from '../database/database.ts';
import { knownMilliseconds } from '../throttle/knownNetworks.ts';
import type { UserRow } from '../user/table.ts';
import { lookUpSession } from './loadUser.ts';

/** The claims of the token that a client sends with a sign-in, even an expired one; null when it sends none of ours. */
export function readDevice({
  bearer,
  tokens,
  now,
}: Pick<Context, 'bearer' | 'tokens' | 'now'>): RefreshClaims | null {
  if (typeof bearer !== 'object') return null;
  const verified = tokens.verifyOrigin(bearer.token, now);
  return 'claims' in verified ? verified.claims : null;
}

/**
 * Finds the session of a token, as a device that the user is known to have: a session that was used in the last 90
 * days, even if it has run out since. A session that somebody ended is not a known device, and neither is one whose
 * token is from before a change of password. Whoever stole such a token can guess as often as its owner, and gains
 * nothing else.
 */
export async function findDevice(
  database: Database,
  claims: RefreshClaims,
  now: Date,
): Promise<{ user: UserRow; sessionId: string } | null> {
  const found = await lookUpSession(database, claims);
  if (!found?.session) return null;
  const { user, session } = found;
  if (session.endedAt || claims.gen < session.firstValidGeneration) return null;
  const isKnown = session.lastUsedAt.getTime() > now.getTime() - knownMilliseconds;
  return isKnown ? { user, sessionId: session.id } : null;
}
