import { recordEvent } from '../audit/audit.ts';
import { changeUser } from '../user/changeUser.ts';
import type { UserRow } from '../user/table.ts';
import { type Actor, asActor } from './asActor.ts';
import { keepOneAdmin } from './keepOneAdmin.ts';

/**
 * Makes a user an administrator, or one no longer.
 *
 * @throws NOT_FOUND, or CONFLICT for the last active administrator
 */
export async function setUserAdmin(
  actor: Actor,
  { userId, isAdmin }: { readonly userId: string; readonly isAdmin: boolean },
): Promise<UserRow> {
  return await asActor(actor, { userId, endsAdmin: !isAdmin }, async (scene) => {
    if (!isAdmin) await keepOneAdmin(scene.database, userId);
    const user = await changeUser(scene.database, userId, { isAdmin });
    const event = isAdmin ? 'ADMIN_GRANTED' : 'ADMIN_REVOKED';
    await recordEvent(scene, { event, ...scene.by, userId });
    return user;
  });
}
