import { recordEvent } from '../audit/audit.ts';
import { hashPassword } from '../user/password.ts';
import type { UserRow } from '../user/table.ts';
import type { NewUser } from '../user/user.ts';
import { addUser } from './addUser.ts';
import type { Operator } from './asActor.ts';

/** Makes an account in the name of the operator; null when the name is taken. */
export async function createAccount(
  { operator }: Operator,
  { password, ...names }: Omit<NewUser, 'passwordHash'> & { readonly password: string },
): Promise<UserRow | null> {
  const passwordHash = await hashPassword(password);
  return await operator.database.transaction(async (database) => {
    const scene = { ...operator, database };
    const user = await addUser(database, { ...names, passwordHash }, operator.now);
    if (!user) return null;
    const entry = { userId: user.id, reason: 'operator' };
    await recordEvent(scene, { event: 'REGISTERED', ...entry });
    if (user.isAdmin) await recordEvent(scene, { event: 'ADMIN_GRANTED', ...entry });
    return user;
  });
}
