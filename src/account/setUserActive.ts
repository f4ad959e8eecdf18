import { recordEvent } from '../audit/audit.ts';
import { recordEnds } from '../session/recordEnds.ts';
import { endSessionsOf } from '../session/session.ts';
import { forgetGuesses } from '../throttle/guesses.ts';
import { changeUser, nextEpoch } from '../user/changeUser.ts';
import type { UserRow } from '../user/table.ts';
import { type Actor, asActor } from './asActor.ts';
import { keepOneAdmin } from './keepOneAdmin.ts';

/**
 * Disables an account and ends its sessions, or enables it again. Enabling an account, even one that is enabled, lets
 * everybody try its password again, however often somebody has guessed.
 *
 * @throws NOT_FOUND, or CONFLICT for the last active administrator
 */
export async function setUserActive(
  actor: Actor,
  { userId, active }: { readonly userId: string; readonly active: boolean },
): Promise<UserRow> {
  return await asActor(actor, { userId, endsAdmin: !active }, async (scene) => {
    const { database, by, now } = scene;
    if (!active) await keepOneAdmin(database, userId);
    const epoch = active ? {} : { credentialEpoch: nextEpoch };
    const user = await changeUser(database, userId, { active, ...epoch });
    if (active) await forgetGuesses(database, user.username);
    await recordEvent(scene, { event: active ? 'USER_ENABLED' : 'USER_DISABLED', ...by, userId });
    if (!active) {
      const ended = await endSessionsOf(database, userId, 'disabled', now);
      await recordEnds(scene, by.actorId, 'disabled', ended);
    }
    return user;
  });
}
