import { and, eq, sql } from 'drizzle-orm';
import { recordEvent, type Scene } from '../audit/audit.ts';
import type { Database } from '../database.ts';
import { conflict, notFound } from '../errors.ts';
import { hashPassword } from './password.ts';
import { type UserRow, users } from './table.ts';
import { createUser, findUserByName, type NewUser } from './user.ts';
import { foldUsername } from './username.ts';

/** Sets a new password, unless it was changed since `user` was read: then null. To be called in a transaction. */
export async function setPassword(
  database: Database,
  user: Pick<UserRow, 'id' | 'credentialEpoch'>,
  passwordHash: string,
): Promise<UserRow | null> {
  const [changed] = await database
    .update(users)
    .set({ passwordHash, credentialEpoch: nextEpoch })
    .where(
      and(
        eq(users.id, user.id),
        eq(users.credentialEpoch, user.credentialEpoch),
        eq(users.active, true),
      ),
    )
    .returning();
  return changed ?? null;
}

/**
 * Disables or enables an account. To be called in a transaction, in which the caller ends the account's sessions.
 *
 * @throws NOT_FOUND, or CONFLICT for the last active administrator
 */
export async function setActive(
  database: Database,
  userId: string,
  active: boolean,
): Promise<UserRow> {
  if (!active) await keepOneAdmin(database, userId);
  return await changeUser(database, userId, {
    active,
    ...(active ? {} : { credentialEpoch: nextEpoch }),
  });
}

/**
 * Gives or takes the rights of an administrator. To be called in a transaction.
 *
 * @throws NOT_FOUND, or CONFLICT for the last active administrator
 */
export async function setAdmin(
  database: Database,
  userId: string,
  isAdmin: boolean,
): Promise<UserRow> {
  if (!isAdmin) await keepOneAdmin(database, userId);
  return await changeUser(database, userId, { isAdmin });
}

/**
 * Deletes an account, with its sessions and API tokens. To be called in a transaction.
 *
 * @throws NOT_FOUND, or CONFLICT for the last active administrator
 */
export async function deleteUser(database: Database, userId: string): Promise<void> {
  await keepOneAdmin(database, userId);
  const deleted = await database.delete(users).where(eq(users.id, userId)).returning();
  if (deleted.length === 0) throw notFound('User');
}

const nextEpoch = sql`${users.credentialEpoch} + 1`;

async function changeUser(
  database: Database,
  userId: string,
  change: { active?: boolean; isAdmin?: boolean; credentialEpoch?: typeof nextEpoch },
): Promise<UserRow> {
  const [changed] = await database
    .update(users)
    .set(change)
    .where(eq(users.id, userId))
    .returning();
  if (!changed) throw notFound('User');
  return changed;
}

// All administrators are locked, always in the same order, so that two who demote each other take turns.
async function keepOneAdmin(database: Database, userId: string): Promise<void> {
  const admins = await database
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.isAdmin, true), eq(users.active, true)))
    .orderBy(users.id)
    .for('update');
  if (admins.length === 1 && admins[0]?.id === userId) {
    throw conflict('This is the last active administrator. Make another one first.');
  }
}

/** Makes an account in the name of the operator, and writes that down; null when the name is taken. */
export async function createByOperator(scene: Scene, newUser: NewUser): Promise<UserRow | null> {
  return await scene.database.transaction(async (database) => {
    const user = await createUser(database, newUser, scene.now);
    if (!user) return null;
    const entry = { userId: user.id, reason: 'operator' };
    await recordEvent({ ...scene, database }, { event: 'REGISTERED', ...entry });
    if (user.isAdmin)
      await recordEvent({ ...scene, database }, { event: 'ADMIN_GRANTED', ...entry });
    return user;
  });
}

/** Makes the administrator whom the operator named, unless some user has the name already. */
export async function ensureAdmin(
  scene: Scene,
  { username, password }: { username: string; password: string },
): Promise<void> {
  const folded = foldUsername(username);
  if (folded === null || (await findUserByName(scene.database, folded))) return;
  const passwordHash = await hashPassword(password);
  await createByOperator(scene, { username: folded, passwordHash, fullName: null, isAdmin: true });
}
