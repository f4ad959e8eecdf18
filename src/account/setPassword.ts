import { revokeApiTokens } from '../apiToken/apiToken.ts';
import { recordEvent } from '../audit/audit.ts';
import { recordEnds } from '../session/recordEnds.ts';
import { endSessionsOf } from '../session/session.ts';
import { hashPassword } from '../user/password.ts';
import type { UserRow } from '../user/table.ts';
import { findUser } from '../user/user.ts';
import { asActor, type Operator } from './asActor.ts';
import { replacePassword } from './replacePassword.ts';

/**
 * Sets a password in the name of the operator, ends all sessions and revokes all API tokens.
 *
 * @throws when the account is disabled, or its password was changed since `user` was read
 */
export async function setPassword(
  operator: Operator,
  user: UserRow,
  newPassword: string,
): Promise<void> {
  const userId = user.id;
  const passwordHash = await hashPassword(newPassword);
  await asActor(operator, { userId }, async (scene) => {
    const { database, by, now } = scene;
    const { active, credentialEpoch } = await findUser(database, userId);
    if (!active || credentialEpoch !== user.credentialEpoch) {
      throw new Error('The account is disabled, or was changed at the same time.');
    }
    await replacePassword(database, userId, passwordHash);
    await recordEvent(scene, { event: 'PASSWORD_CHANGED', ...by, userId });
    const ended = await endSessionsOf(database, userId, 'password', now);
    await recordEnds(scene, by.actorId, 'password', ended);
    await revokeApiTokens(scene, by.actorId, { userId });
  });
}
