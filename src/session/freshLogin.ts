import { AuthError } from '@sallyport/guards';
import { recordEvent } from '../audit/audit.ts';
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
    const renewed = await renewSession(scene.database, sessionId, user, scene.now);
    if (!renewed) throw new AuthError('TOKEN_REVOKED');
    await rememberNetwork(scene.database, user.id, scene.client.ip, scene.now);
    const entry = { actorId: user.id, userId: user.id, sessionId };
    await recordEvent(scene, { event: 'FRESH_SIGN_IN', ...entry });
    return renewed;
  });
  return issueTokenPair(session, { ...context, fresh: true });
}
