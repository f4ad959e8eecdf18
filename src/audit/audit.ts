import { and, desc, eq, lt } from 'drizzle-orm';
import type { Context } from '../context.ts';
import type { Database } from '../database.ts';
import { badUserInput } from '../errors.ts';
import { type Connection, type Page, toConnection } from '../pagination.ts';
import { type AuditEventRow, auditEvents } from './table.ts';

/** Where and when something happens: a request, or, without a client, a command of the operator. */
export type Scene = Pick<Context, 'database' | 'log' | 'now'> & {
  readonly client: Context['client'] | null;
};

/** Who did what to whom; ids that are not given are null. */
export type AuditEntry = Pick<AuditEventRow, 'event'> &
  Partial<Pick<AuditEventRow, 'actorId' | 'userId' | 'sessionId' | 'reason' | 'device'>>;

/**
 * Writes down what happened, in the database and in the log. In a transaction, the row is there only if that commits;
 * the line in the log then tells what was tried.
 */
export async function recordEvent(
  { database, log, now, client }: Scene,
  { actorId = null, userId = null, sessionId = null, reason = null, device, event }: AuditEntry,
): Promise<void> {
  const entry = {
    event,
    actorId,
    userId,
    sessionId,
    reason,
    ip: client?.ip ?? null,
    device: device ?? client?.userAgent ?? null,
  };
  await database.insert(auditEvents).values({ ...entry, at: now });
  log.info({ audit: entry }, 'audit');
}

/** The entries of all users or of one, newest first. */
export async function listEvents(
  database: Database,
  userId: string | null,
  page: Page,
): Promise<Connection<AuditEventRow>> {
  const rows = await database
    .select()
    .from(auditEvents)
    .where(
      and(
        userId === null ? undefined : eq(auditEvents.userId, userId),
        page.afterKey === null ? undefined : lt(auditEvents.id, readId(page.afterKey)),
      ),
    )
    .orderBy(desc(auditEvents.id))
    .limit(page.size + 1);
  return toConnection(rows, page, ({ id }) => String(id));
}

function readId(key: string): bigint {
  if (!/^\d{1,18}$/.test(key)) {
    throw badUserInput('after', '"after" must be a cursor that this list gave.');
  }
  return BigInt(key);
}
