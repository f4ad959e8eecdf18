import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** The counters of the throttle, in the form that rate-limiter-flexible keeps. */
export const rateLimits = pgTable('rate_limits', {
  key: text().primaryKey(),
  points: integer().notNull(),
  expire: timestamp({ withTimezone: true, precision: 3 }),
});
