import { afterAll, beforeAll, beforeEach } from 'vitest';
import { apiTokens } from '../../src/apiToken/table.ts';
import { auditEvents } from '../../src/audit/table.ts';
import type { OpenDatabase } from '../../src/database/database.ts';
import { sessions } from '../../src/session/table.ts';
import { guesses, knownNetworks, rateLimits } from '../../src/throttle/table.ts';
import { users } from '../../src/user/table.ts';
import { openTestDatabase } from '../support/database.ts';

export const now = new Date('2030-01-31T12:00:00.000Z');
export const day = 24 * 60 * 60;
export const ago = (seconds: number, milliseconds = 0) =>
  new Date(now.getTime() - seconds * 1000 - milliseconds);
export const ahead = (seconds: number) => ago(-seconds);

export let opened: OpenDatabase;
export let userId: string;
/** Opens a database with one user for the tests of a file, and empties what ages before each. */
export function useAgingDatabase(): void {
  beforeAll(async () => {
    opened = await openTestDatabase();
    const user = { username: 'ada', passwordHash: 'none', createdAt: now };
    const [row] = await opened.database.insert(users).values(user).returning();
    userId = row?.id ?? '';
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    for (const table of [sessions, apiTokens, rateLimits, auditEvents, guesses, knownNetworks])
      await opened.database.delete(table);
  });
}

export type Times = Partial<
  Pick<typeof sessions.$inferInsert, 'endedAt' | 'expiresAt' | 'idleExpiresAt' | 'lastUsedAt'>
>;

export async function addSessions(times: Times, count = 1): Promise<string[]> {
  const row = {
    userId,
    seed: Buffer.alloc(16),
    rotatedAt: now,
    authenticatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    idleExpiresAt: ahead(day),
    expiresAt: ahead(day),
    ip: '127.0.0.1',
    ...times,
  };
  const added = await opened.database.insert(sessions).values(Array(count).fill(row)).returning();
  return added.map(({ id }) => id);
}

export async function remaining(): Promise<string[]> {
  return (await opened.database.select({ id: sessions.id }).from(sessions)).map(({ id }) => id);
}
