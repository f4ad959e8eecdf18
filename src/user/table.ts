import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { time } from '../database/columns.ts';

/**
 * Who has an account.
 *
 * @example
 * const notes = pgTable('notes', { userId: uuid('user_id').references(() => users.id) });
 * const [reference] = getTableConfig(notes).foreignKeys;
 * console.log(reference?.reference().foreignTable === users); // true
 */
export const users = pgTable(
  'users',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** As foldUsername makes it. */
    username: text().notNull().unique(),
    fullName: text('full_name'),
    /** A PHC string. */
    passwordHash: text('password_hash').notNull(),
    isAdmin: boolean('is_admin').notNull().default(false),
    active: boolean().notNull().default(true),
    /** Rises with every change that ends what the old password opened. */
    credentialEpoch: integer('credential_epoch').notNull().default(0),
    createdAt: time('created_at').notNull(),
  },
  // Administrators are few, and whoever changes one looks at all.
  (table) => [index('users_admins_index').on(table.id).where(sql`is_admin`)],
);

export type UserRow = typeof users.$inferSelect;
