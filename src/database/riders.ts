import { type SQLWrapper, sql, WithSubquery } from 'drizzle-orm';
import type { Database } from './database.ts';

/**
 * A statement that travels in the `with` of another, for what it changes: one way to the database for both. Neither
 * sees what the other changes, so they must not be about the same rows.
 *
 * @example
 * const seen = rider('seen', database.update(visits).set({ count: sql`count + 1` }));
 * const rows = await database.with(seen).update(users).set({ active: true }).returning();
 */
export type Rider = WithSubquery;

/** Makes a rider. Its name is its own among those of a statement, and others can refer to what it returns by it. */
export function rider(name: string, statement: SQLWrapper): Rider {
  return new WithSubquery(statement.getSQL(), {}, name, true);
}

/** Sends riders for which there is nothing to ride with. */
export async function sendAlone(database: Database, riders: readonly Rider[]): Promise<void> {
  await database
    .with(...riders)
    .select({ sent: sql`true` })
    .from(sql`(select) as nothing`);
}
