import { sql } from 'drizzle-orm';
import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, time } from '../database/columns.ts';
import { users } from '../user/table.ts';

/**
 * The tokens of programs, which are kept as hashes.
 *
 * @example
 * const columns = Object.keys(getTableColumns(apiTokens));
 * console.log(columns.includes('hash'), columns.includes('token')); // true false
 */
export const apiTokens = pgTable(
  'api_tokens',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** SHA-256 of the token, which is random enough to need no slower hash. */
    hash: bytes().notNull().unique(),
    name: text().notNull(),
    /** What it may be used for; null of one from before there were scopes, which may be used for everything. */
    scopes: text().array().default([]),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at'),
    lastUsedAt: time('last_used_at'),
  },
  (table) => [
    index().on(table.userId),
    index().on(table.expiresAt).where(sql`expires_at is not null`),
  ],
);

export type ApiTokenRow = typeof apiTokens.$inferSelect;
