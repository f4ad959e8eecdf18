import type { Scene } from '../audit/audit.ts';
import type { Authenticated, Context, InTransaction } from '../context.ts';
import { asCaller } from '../session/asCaller.ts';
import { lockUsers } from '../user/lockUsers.ts';

/** Who changes an account: an administrator who is signed in, or the operator, who works on the machine itself. */
export type Actor = Authenticated<Context> | Operator;

/** The operator, with where and when they work. Nobody is signed in. */
export interface Operator {
  readonly operator: Scene;
}

/** The transaction of a change, and who makes it, as the audit log has it. */
export interface ActorScene extends InTransaction<Scene> {
  readonly by:
    | { readonly actorId: string; readonly reason: null }
    | { readonly actorId: null; readonly reason: 'operator' };
}

interface Demand {
  /** Whose account is changed. */
  readonly userId: string;
  /** Whether it could leave the service without an administrator. */
  readonly endsAdmin?: boolean;
}

/**
 * Changes an account in one transaction, which begins by locking the account, and all administrators if the change
 * could leave none. An administrator who is signed in is then asked for once more: they may have lost the right
 * meanwhile.
 *
 * @throws what the guards would say to the caller now
 */
export async function asActor<T>(
  actor: Actor,
  demand: Demand,
  work: (scene: ActorScene) => Promise<T>,
): Promise<T> {
  if (!('operator' in actor)) {
    return await asCaller(actor, { ...demand, admin: true }, ({ user, ...scene }) =>
      work({ ...scene, by: { actorId: user.id, reason: null } }),
    );
  }
  const { userId, endsAdmin = false } = demand;
  const { operator } = actor;
  return await operator.database.transaction(async (database) => {
    await lockUsers(database, [userId], { withAdmins: endsAdmin });
    return await work({ ...operator, database, by: { actorId: null, reason: 'operator' } });
  });
}
