import { createHash } from 'node:crypto';
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { Context } from '../context.ts';
import type { Database } from '../database/database.ts';
import { type Rider, rider } from '../database/riders.ts';
import { badUserInput } from '../errors.ts';
import { type Connection, type Page, toConnection } from '../input/pagination.ts';
import { type AuditEventRow, auditEvents } from './table.ts';

/** Where and when something happens: a request, or, without a client, a command of the operator. */
export type Scene = Pick<Context, 'database' | 'log' | 'now'> &
  Partial<Pick<Context, 'authentication'>> & {
    readonly client: Context['client'] | null;
  };

/** Who did what to whom; an id that is left out is null. */
export type AuditEntry = Pick<AuditEventRow, 'event'> &
  Partial<Pick<AuditEventRow, 'actorId' | 'userId' | 'sessionId' | 'reason' | 'device' | 'issuer'>>;

/**
 * Writes down what happened, in the database and in the log. In a transaction, the row is there only if that commits;
 * the line in the log then tells what was tried.
 */
export function recordEvent(scene: Scene, entry: AuditEntry): Promise<void> {
  return recordEvents(scene, [entry]);
}

/** Writes down several things that happened at once. */
export async function recordEvents(scene: Scene, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => toRow(scene, entry));
  await scene.database.insert(auditEvents).values(rows.map((row) => ({ ...row, at: scene.now })));
  for (const row of rows) scene.log.info({ audit: row }, 'audit');
}

/** Writes down what happened as a rider of the statement that makes it happen, and returns what that does. */
export async function recordEventWith<Result>(
  scene: Scene,
  entry: AuditEntry,
  send: (event: Rider) => Promise<Result>,
): Promise<Result> {
  const row = toRow(scene, entry);
  const insert = scene.database.insert(auditEvents).values({ ...row, at: scene.now });
  const result = await send(rider('event', insert));
  scene.log.info({ audit: row }, 'audit');
  return result;
}

const burstMilliseconds = 5 * 60 * 1000;

/**
 * Writes down what callers can repeat without end: one entry, with a count, for all that happens to a subject within
 * the same five minutes. The log has the first of them. There must be few subjects: never something that a caller makes
 * up.
 */
export async function recordBurst(scene: Scene, subject: string, entry: AuditEntry): Promise<void> {
  const row = toRow(scene, entry);
  const window = Math.floor(scene.now.getTime() / burstMilliseconds);
  const burst = createHash('sha256').update(`${entry.event} ${window} ${subject}`);
  const [written] = await scene.database
    .insert(auditEvents)
    .values({ ...row, at: scene.now, burst: burst.digest('base64url') })
    .onConflictDoUpdate({
      target: auditEvents.burst,
      targetWhere: sql`burst is not null`,
      set: { count: sql`${auditEvents.count} + 1` },
    })
    .returning({ count: auditEvents.count });
  if (written?.count === 1) scene.log.info({ audit: row }, 'audit');
}

function toRow(
  { client, authentication = null }: Scene,
  {
    actorId = null,
    userId = null,
    sessionId = null,
    reason = null,
    device = null,
    issuer = issuerOf(authentication),
    event,
  }: AuditEntry,
) {
  const origin = { ip: client?.ip ?? null, device, userAgent: client?.userAgent ?? null };
  return { event, actorId, userId, sessionId, reason, issuer, ...origin };
}

/** Whose token a caller has, where it is none of ours. */
function issuerOf(authentication: Context['authentication']): string | null {
  return authentication?.status === 'authenticated'
    ? (authentication.foreign?.issuer ?? null)
    : null;
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
