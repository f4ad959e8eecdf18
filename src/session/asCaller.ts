import { AuthError } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import type { Authenticated, Context, InTransaction } from '../context.ts';
import type { Transaction } from '../database/database.ts';
import { lockUsers } from '../user/lockUsers.ts';
import { inTurnOf } from './inTurnOf.ts';
import { sessions } from './table.ts';

/** What a change needs besides its caller. */
export interface Demand {
  /** Whether the caller has to be an administrator. */
  readonly admin?: boolean;
  /** Another user whom it changes. */
  readonly userId?: string;
  /** Whether it could leave the service without an administrator. */
  readonly endsAdmin?: boolean;
}

/** The context of a caller in the transaction of a change: `user` is as of now, and locked until the end of it. */
export type CallerScene = InTransaction<Authenticated<Context>>;

/**
 * Changes an account in one transaction. It begins by locking the account and the session of the caller, and finds out
 * once more who the caller is: another request may have ended the session or taken the rights since this one began.
 * Until the transaction ends, nobody else can do so. The changes of one caller take turns, so that those that wait hold
 * no connection.
 *
 * @throws what the guards would say to the caller now; RATE_LIMITED when too many changes of the caller wait
 */
export async function asCaller<T>(
  context: Authenticated<Context>,
  { admin = false, userId = context.user.id, endsAdmin = false }: Demand,
  work: (scene: CallerScene) => Promise<T>,
): Promise<T> {
  const { user, authentication } = context;
  const change = async (database: Transaction) => {
    await lockUsers(database, [user.id, userId], { withAdmins: endsAdmin });
    // Users are locked before sessions, in the same order as where several sessions end; ending one locks only that
    // row.
    if (authentication.claims) await lockSession(database, authentication.claims.sid);
    const now = await context.identify(database);
    if (now.status === 'rejected') throw now.error;
    if (now.status === 'anonymous') throw new AuthError('TOKEN_MISSING');
    // Whose a token of another issuer is may have changed meanwhile: only the user of before is locked.
    if (now.user.id !== user.id) throw new AuthError('USER_NOT_FOUND');
    if (admin && !now.isAdmin) throw new AuthError('ADMIN_REQUIRED');
    return await work({ ...context, database, authentication: now, user: now.user });
  };
  return await inTurnOf(context, user.id, () => context.database.transaction(change));
}

async function lockSession(database: Transaction, sessionId: string): Promise<void> {
  await database
    .select({ id: sessions.id })
    .from(sessions)
    .where(eq(sessions.id, sessionId))
    .for('no key update');
}
