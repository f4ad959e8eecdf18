import { and, asc, eq, gt } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { notFound } from '../errors.ts';
import { type Connection, type Page, toConnection } from '../input/pagination.ts';
import type { Turn } from './fairQueue.ts';
import { verifyPassword } from './password.ts';
import { type UserRow, users } from './table.ts';

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
 * Whether a password is that of the user. It takes the same work when there is no user (null) and when the account is
 * disabled, which no password opens. `onUnreadable` is called when the stored hash cannot be read.
 */
export async function checkPasswordOf(
  user: UserRow | null,
  password: string,
  { turn, onUnreadable }: { turn: Turn; onUnreadable: (user: UserRow) => void },
): Promise<{ isRight: boolean; renewedHash: string | null }> {
  const checked = await verifyPassword(user?.passwordHash ?? null, password, turn);
  if (user && checked.isUnreadable) onUnreadable(user);
  return { isRight: checked.matches && user?.active === true, renewedHash: checked.renewedHash };
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

/** Stores the same password with today's parameters. Sessions and the credential epoch stay as they are. */
export async function renewHash(
  database: Database,
  user: UserRow,
  renewedHash: string,
): Promise<void> {
  await database
    .update(users)
    .set({ passwordHash: renewedHash })
    .where(and(eq(users.id, user.id), eq(users.passwordHash, user.passwordHash)));
}
