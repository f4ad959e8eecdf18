import { and, asc, eq, gt } from 'drizzle-orm';
import type { Database } from '../database.ts';
import { notFound } from '../errors.ts';
import { type Connection, type Page, toConnection } from '../pagination.ts';
import { hashPassword, isOutdated, verifyPassword } from './password.ts';
import { type UserRow, users } from './table.ts';
import { foldUsername } from './username.ts';

export interface NewUser {
  /** As foldUsername makes it. */
  readonly username: string;
  readonly passwordHash: string;
  readonly fullName: string | null;
  readonly isAdmin: boolean;
}

/** Adds a user; null when the name is taken. */
export async function createUser(
  database: Database,
  user: NewUser,
  now: Date,
): Promise<UserRow | null> {
  const [created] = await database
    .insert(users)
    .values({ ...user, createdAt: now })
    .onConflictDoNothing({ target: users.username })
    .returning();
  return created ?? null;
}

/**
 * Finds the user to whom a name and password belong. `user` is null, after the same work, when there is no such user,
 * the password is wrong, or the account is disabled; `userId` then tells whose account it was about, if any.
 */
export async function verifyCredentials(
  database: Database,
  username: string,
  password: string,
): Promise<{ user: UserRow | null; userId: string | null }> {
  const folded = foldUsername(username);
  const user = folded === null ? null : await findUserByName(database, folded);
  const matches = await verifyPassword(user?.passwordHash ?? null, password);
  if (!user || !matches || !user.active) return { user: null, userId: user?.id ?? null };
  if (isOutdated(user.passwordHash)) await renewHash(database, user, password);
  return { user, userId: user.id };
}

/** @throws NOT_FOUND */
export async function findUser(database: Database, id: string): Promise<UserRow> {
  const [user] = await database.select().from(users).where(eq(users.id, id));
  if (!user) throw notFound('User');
  return user;
}

export async function listUsers(database: Database, page: Page): Promise<Connection<UserRow>> {
  const rows = await database
    .select()
    .from(users)
    .where(page.afterKey === null ? undefined : gt(users.username, page.afterKey))
    .orderBy(asc(users.username))
    .limit(page.size + 1);
  return toConnection(rows, page, (user) => user.username);
}

export async function findUserByName(
  database: Database,
  username: string,
): Promise<UserRow | null> {
  const [user] = await database.select().from(users).where(eq(users.username, username));
  return user ?? null;
}

// The password stays the same, so sessions and the credential epoch do too.
async function renewHash(database: Database, user: UserRow, password: string): Promise<void> {
  await database
    .update(users)
    .set({ passwordHash: await hashPassword(password) })
    .where(and(eq(users.id, user.id), eq(users.passwordHash, user.passwordHash)));
}
