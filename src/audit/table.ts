import { bigint, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { time } from '../columns.ts';

/** What happened to accounts. Rows outlive the users and sessions they name. */
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
      ],
    }).notNull(),
    actorId: uuid('actor_id'),
    userId: uuid('user_id'),
    sessionId: uuid('session_id'),
    ip: text(),
    device: text(),
    reason: text(),
  },
  (table) => [index().on(table.userId, table.id)],
);

export type AuditEventRow = typeof auditEvents.$inferSelect;
