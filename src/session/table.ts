import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytes, time } from '../database/columns.ts';
import { users } from '../user/table.ts';

/**
 * One row for each sign-in, however often it is refreshed. No token is kept, nor anything a token could be made of.
 * The indexes leave out what a refresh changes, so that refreshes stay heap-only updates.
 *
 * @example
 * const [reference] = getTableConfig(sessions).foreignKeys;
 * console.log(reference?.onDelete, reference?.reference().foreignTable === users); // cascade true
 */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** With the generation, it makes the id of a refresh token. */
    seed: bytes().notNull(),
    /** How many pairs of tokens the session has given out; a pair that was given out twice counts once. */
    generation: integer().notNull().default(1),
    /** From which generation on tokens count: a change of password leaves the older ones behind. */
    firstValidGeneration: integer('first_valid_generation').notNull().default(1),
    /** The newest generation of which a token was used. */
    confirmedGeneration: integer('confirmed_generation').notNull().default(0),
    /** When the counting of refreshes began, and how many there were since; those beyond the limit count as one. */
    refreshesSince: time('refreshes_since'),
    refreshCount: integer('refresh_count').notNull().default(0),
    /** When the newest generation began. */
    rotatedAt: time('rotated_at').notNull(),
    /** When the newest generation was last given again for a lost answer; null before that. */
    givenAgainAt: time('given_again_at'),
    /** When the password was last checked. */
    authenticatedAt: time('authenticated_at').notNull(),
    createdAt: time('created_at').notNull(),
    lastUsedAt: time('last_used_at').notNull(),
    idleExpiresAt: time('idle_expires_at').notNull(),
    expiresAt: time('expires_at').notNull(),
    endedAt: time('ended_at'),
    endReason: text('end_reason', {
      enum: ['logout', 'ended', 'admin', 'limit', 'password', 'disabled', 'reuse'],
    }),
    device: text(),
    ip: text().notNull(),
    userAgent: text('user_agent'),
  },
  (table) => [
    index().on(table.userId),
    // Who signs in every minute leaves thousands behind that ended, and their sign-ins look at those that live.
    index('sessions_live_index').on(table.userId).where(sql`ended_at is null`),
    index().on(table.expiresAt),
    index().on(table.endedAt).where(sql`ended_at is not null`),
  ],
);

export type SessionRow = typeof sessions.$inferSelect;
