import { foldUsername } from '../input/username.ts';
import { findUserByName } from '../user/user.ts';
import type { Operator } from './asActor.ts';
import { createAccount } from './createAccount.ts';

const nameOfAnother =
  'ADMIN_USERNAME is the name of a user who is no administrator, and was not made one: choose another name, or make ' +
  'them one with the command user admin';

/** Makes the administrator whom the operator named in the settings, unless some user has the name already. */
export async function ensureAdmin(
  by: Operator,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  const folded = foldUsername(username);
  if (folded === null) return;
  const { database, log } = by.operator;
  const user = await findUserByName(database, folded);
  if (user) {
    if (!user.isAdmin) log.warn(nameOfAnother);
    return;
  }
  await createAccount(by, { username: folded, password, fullName: null, isAdmin: true });
}
