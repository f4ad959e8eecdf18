import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { time } from '../database/columns.ts';

/**
 * What happened to accounts. Rows outlive the users and sessions they name.
 *
 * @example
 * console.log(getTableConfig(auditEvents).foreignKeys.length); // 0
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    at: time('at').notNull(),
    event: text({
      enum: [
        'REGISTERED',
        'SIGN_IN',
        'FRESH_SIGN_IN',
        'SIGN_IN_FAILED',
        'REFRESH_REUSED',
        'SESSION_ENDED',
        'PASSWORD_CHANGED',
        'USER_DISABLED',
        'USER_ENABLED',
        'ADMIN_GRANTED',
        'ADMIN_REVOKED',
        'ACCOUNT_DELETED',
        'API_TOKEN_CREATED',
        'API_TOKEN_REVOKED',
        'SIGN_IN_THROTTLED',
        'ADMIN_REFUSED',
      ],
    }).notNull(),
    actorId: uuid('actor_id'),
    userId: uuid('user_id'),
    sessionId: uuid('session_id'),
    ip: text(),
    device: text(),
    userAgent: text('user_agent'),
    reason: text(),
    /** Whose token it was done with, where that was none of ours. */
    issuer: text(),
    /** How often it happened: more than once only for what is written down once for a burst. */
    count: integer().notNull().default(1),
    /** What the entries of one burst have in common, so that there is one of them. */
    burst: text(),
  },
  (table) => [
    index().on(table.userId, table.id),
    index().on(table.at),
    uniqueIndex().on(table.burst).where(sql`burst is not null`),
  ],
);

export type AuditEventRow = typeof auditEvents.$inferSelect;
