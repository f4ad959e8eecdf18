import { AuthError } from '@sallyport/guards';
import { recordEventWith } from '../audit/audit.ts';
import type { Authenticated, Context } from '../context.ts';
import { rememberNetwork } from '../throttle/knownNetworks.ts';
import { asCaller } from './asCaller.ts';
import { checkPasswordAgain } from './checkCredentials.ts';
import { renewSession } from './session.ts';
import { issueTokenPair, type TokenPair } from './tokenPair.ts';

/**
 * Checks the caller's password, and makes their session fresh again.
 *
 * @throws INVALID_CREDENTIALS, RATE_LIMITED, or TOKEN_REVOKED when the session has ended meanwhile
 */
export async function freshLogin(
  context: Authenticated<Context>,
  sessionId: string,
  password: string,
): Promise<TokenPair> {
  const user = await checkPasswordAgain(context, { user: context.user, sessionId, password });
  const session = await asCaller(context, {}, async (scene) => {
    const { database, client, now } = scene;
    if (scene.user.credentialEpoch !== user.credentialEpoch) throw new AuthError('TOKEN_REVOKED');
    const own = { actorId: user.id, userId: user.id, sessionId };
    return await recordEventWith(scene, { event: 'FRESH_SIGN_IN', ...own }, async (entry) => {
      const riders = [...rememberNetwork(user.id, client.ip, now), entry];
      const renewed = await renewSession(database, sessionId, now, riders);
      if (!renewed) throw new AuthError('TOKEN_REVOKED');
      return renewed;
    });
  });
  return issueTokenPair(session, { ...context, fresh: true });
}
