import { sql } from 'drizzle-orm';
import type { Database } from './database.ts';

/**
 * Returns by how many seconds a clock is ahead of the database's, which all nodes share; negative when it is behind.
 * The database may have answered at any moment of the round trip, so this is the smallest difference that fits.
 */
export async function measureClockDifference(
  database: Database,
  clock: () => Date,
): Promise<number> {
  const before = clock().getTime();
  const { rows } = await database.execute<{ milliseconds: number }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as milliseconds`,
  );
  const after = clock().getTime();
  const databaseTime = rows[0]?.milliseconds;
  if (databaseTime === undefined) throw new Error('The database did not tell the time.');
  const difference = (before + after) / 2 - databaseTime;
  const doubt = Math.abs(after - before) / 2;
  return (Math.sign(difference) * Math.max(0, Math.abs(difference) - doubt)) / 1000;
}
