import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '../database/database.ts';
import { notFound } from '../errors.ts';
import { type UserRow, users } from './table.ts';

/** A rise of the credential epoch, for changes that end what the old password opened. */
export const nextEpoch = sql`${users.credentialEpoch} + 1`;

type Change = Partial<Pick<UserRow, 'active' | 'isAdmin' | 'passwordHash'>> & {
  readonly credentialEpoch?: typeof nextEpoch;
};

/**
 * Changes the row of a user, and returns it as it is then.
 *
 * @throws NOT_FOUND
 */
export async function changeUser(
  database: Transaction,
  userId: string,
  change: Change,
): Promise<UserRow> {
  const [changed] = await database
    .update(users)
    .set(change)
    .where(eq(users.id, userId))
    .returning();
  if (!changed) throw notFound('User');
  return changed;
}
