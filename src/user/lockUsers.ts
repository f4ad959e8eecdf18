import { and, eq, inArray, or } from 'drizzle-orm';
import type { Transaction } from '../database/database.ts';
import { type UserRow, users } from './table.ts';

/**
 * Locks users until the end of the transaction, if wanted with all active administrators, and returns them as they are
 * then. They are locked in one statement and one order, so that no two transactions wait for each other: whoever needs
 * several names them all at once.
 */
export async function lockUsers(
  database: Transaction,
  ids: readonly string[],
  { withAdmins = false } = {},
): Promise<UserRow[]> {
  const admins = withAdmins ? and(eq(users.isAdmin, true), eq(users.active, true)) : undefined;
  return await database
    .select()
    .from(users)
    .where(or(inArray(users.id, [...ids]), admins))
    .orderBy(users.id)
    .for('no key update');
}
