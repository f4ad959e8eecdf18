import { eq } from 'drizzle-orm';
import { recordEvent } from '../audit/audit.ts';
import type { Authenticated, Context } from '../context.ts';
import { asCaller } from '../session/asCaller.ts';
import { recordEnds } from '../session/recordEnds.ts';
import { endSessionsOf } from '../session/session.ts';
import { users } from '../user/table.ts';
import { keepOneAdmin } from './keepOneAdmin.ts';

/**
 * Deletes the account of the caller, with its sessions and API tokens.
 *
 * @throws CONFLICT for the last active administrator
 */
export async function deleteAccount(context: Authenticated<Context>): Promise<void> {
  await asCaller(context, { endsAdmin: true }, async (scene) => {
    const { id } = scene.user;
    await keepOneAdmin(scene.database, id);
    const ended = await endSessionsOf(scene.database, id, 'ended', scene.now);
    await scene.database.delete(users).where(eq(users.id, id));
    await recordEvent(scene, { event: 'ACCOUNT_DELETED', actorId: id, userId: id });
    await recordEnds(scene, id, 'account deleted', ended);
  });
}
