import {
  bigint,
  index,
  integer,
  pgTable,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { time } from '../database/columns.ts';
import { users } from '../user/table.ts';

/** The counters of the throttle, in the form that rate-limiter-flexible keeps. */
export const rateLimits = pgTable(
  'rate_limits',
  {
    key: text().primaryKey(),
    points: integer().notNull(),
    expire: timestamp({ withTimezone: true, precision: 3 }),
  },
  (table) => [index().on(table.expire)],
);

/**
 * Guesses at passwords: a row for each account name, over all places, and one for each place from which it was tried, a
 * network or a device. Keys are hashes, because people type passwords where a name belongs.
 */
export const guesses = pgTable(
  'guesses',
  {
    key: text().primaryKey(),
    /** The key of the account's own row. */
    account: text().notNull(),
    /** The user who has the name, in the account's own row; null when nobody has it. */
    userId: uuid('user_id'),
    /** Changes when the count begins anew, so that a guess that no longer counts is not taken back. */
    run: uuid().notNull().defaultRandom(),
    /** Wrong passwords in a row, with those that are being looked at. */
    failures: integer().notNull(),
    /** How far up the waits this place is; the account's own row has none. */
    steps: integer().notNull(),
    /** When the free attempts that were used are forgotten. */
    windowEndsAt: time('window_ends_at'),
    blockedUntil: time('blocked_until'),
    lastAt: time('last_at').notNull(),
  },
  (table) => [index().on(table.account), index().on(table.lastAt)],
);

/** The networks from which users entered their accounts. */
export const knownNetworks = pgTable(
  'known_networks',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    network: text().notNull(),
    /** When the account was last entered from it, give or take a day. */
    enteredAt: time('entered_at').notNull(),
  },
  (table) => [unique().on(table.userId, table.network), index().on(table.enteredAt)],
);
