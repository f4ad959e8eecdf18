import type { Transaction } from '../database/database.ts';
import { forgetGuesses } from '../throttle/guesses.ts';
import type { UserRow } from '../user/table.ts';
import { createUser, type NewUser } from '../user/user.ts';

/**
 * Adds a user, and forgets the guesses from before the name existed: they were not guesses at this password. Null when
 * the name is taken.
 */
export async function addUser(
  database: Transaction,
  newUser: NewUser,
  now: Date,
): Promise<UserRow | null> {
  const user = await createUser(database, newUser, now);
  if (user) await forgetGuesses(database, user.username);
  return user;
}
