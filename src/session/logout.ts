import type { RefreshClaims } from '@sallyport/guards';
import type { Context } from '../context.ts';
import { recordEnds } from './recordEnds.ts';
import { endSession } from './session.ts';

/** Ends the session that a token names, if it has not ended. */
export async function logout(context: Context, claims: RefreshClaims): Promise<void> {
  await context.database.transaction(async (database) => {
    const ended = await endSession(database, claims, 'logout', context.now);
    if (ended) await recordEnds({ ...context, database }, ended.userId, 'logout', [ended]);
  });
}
