import { and, eq } from 'drizzle-orm';
import type { Transaction } from '../database/database.ts';
import { conflict } from '../errors.ts';
import { users } from '../user/table.ts';

/**
 * Makes sure that without this user the service still has an active administrator. Call it when all administrators are
 * locked, so that two who demote each other take turns.
 *
 * @throws CONFLICT for the last active administrator
 */
export async function keepOneAdmin(database: Transaction, userId: string): Promise<void> {
  const admins = await database
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.isAdmin, true), eq(users.active, true)))
    .limit(2);
  if (admins.length === 1 && admins[0]?.id === userId) {
    throw conflict('This is the last active administrator. Make another one first.');
  }
}
