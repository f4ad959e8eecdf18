import type { Transaction } from '../database/database.ts';
import { forgetGuesses } from '../throttle/guesses.ts';
import { changeUser, nextEpoch } from '../user/changeUser.ts';

/** Replaces a password, and forgets the guesses at it: they do not count against the new one. */
export async function replacePassword(
  database: Transaction,
  userId: string,
  passwordHash: string,
): Promise<void> {
  const change = { passwordHash, credentialEpoch: nextEpoch };
  const { username } = await changeUser(database, userId, change);
  await forgetGuesses(database, username);
}
