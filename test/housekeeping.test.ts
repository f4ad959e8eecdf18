import { randomBytes } from 'node:crypto';
import { asc, eq, inArray, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { apiTokens } from '../src/apiToken/table.ts';
import type { OpenDatabase } from '../src/database.ts';
import { removeExpired, startHousekeeping } from '../src/housekeeping.ts';
import { sessions } from '../src/session/table.ts';
import { rateLimits } from '../src/throttle/table.ts';
import { users } from '../src/user/table.ts';
import { claimsOf, type Pair, refresh, register } from './support/account.ts';
import { startApp } from './support/app.ts';
import { onPostgres, openTestDatabase } from './support/database.ts';

const now = new Date('2030-01-31T12:00:00.000Z');
const day = 24 * 60 * 60;
const ago = (seconds: number, milliseconds = 0) =>
  new Date(now.getTime() - seconds * 1000 - milliseconds);
const ahead = (seconds: number) => ago(-seconds);

let opened: OpenDatabase;
let userId: string;
beforeAll(async () => {
  opened = await openTestDatabase();
  const user = { username: 'ada', passwordHash: 'none', createdAt: now };
  const [row] = await opened.database.insert(users).values(user).returning();
  userId = row?.id ?? '';
});
afterAll(() => opened.close());
beforeEach(async () => {
  for (const table of [sessions, apiTokens, rateLimits]) await opened.database.delete(table);
});

type Times = Partial<Pick<typeof sessions.$inferInsert, 'endedAt' | 'expiresAt' | 'idleExpiresAt'>>;

async function addSessions(times: Times, count = 1): Promise<string[]> {
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

async function remaining(): Promise<string[]> {
  return (await opened.database.select({ id: sessions.id }).from(sessions)).map(({ id }) => id);
}

describe('a session', () => {
  test.each<[string, Times]>([
    ['ended', { endedAt: ago(7 * day, 1) }],
    ['expired', { expiresAt: ago(7 * day, 1) }],
    ['ended, before it expired today,', { endedAt: ago(7 * day, 1), expiresAt: now }],
  ])('that %s more than 7 days ago is removed', async (_what, times) => {
    await addSessions(times);
    expect(await removeExpired(opened.database, now)).toBe(1);
    expect(await remaining()).toEqual([]);
  });

  test.each<[string, Times]>([
    ['ended 7 days ago', { endedAt: ago(7 * day) }],
    ['expired 7 days ago', { expiresAt: ago(7 * day), idleExpiresAt: ago(7 * day) }],
    ['is live', {}],
    ['has been idle for too long, but is not expired', { idleExpiresAt: ago(8 * day) }],
  ])('that %s stays', async (_what, times) => {
    const ids = await addSessions(times);
    expect(await removeExpired(opened.database, now)).toBe(0);
    expect(await remaining()).toEqual(ids);
  });
});

test('API tokens that expired more than 7 days ago are removed, and no others', async () => {
  const times = {
    'long ago': ago(7 * day, 1),
    'a week ago': ago(7 * day),
    soon: ahead(1),
    never: null,
  };
  for (const [name, expiresAt] of Object.entries(times)) {
    const token = { userId, name, expiresAt, hash: randomBytes(32), createdAt: now };
    await opened.database.insert(apiTokens).values(token);
  }
  expect(await removeExpired(opened.database, now)).toBe(1);
  const rows = await opened.database.select().from(apiTokens).orderBy(asc(apiTokens.name));
  expect(rows.map(({ name }) => name)).toEqual(['a week ago', 'never', 'soon']);
});

test('rate limits that have run out are removed, and no others', async () => {
  const limits = { before: ago(0, 1), now, later: ahead(1) };
  for (const [key, expire] of Object.entries(limits)) {
    await opened.database.insert(rateLimits).values({ key, points: 1, expire });
  }
  expect(await removeExpired(opened.database, now)).toBe(1);
  const rows = await opened.database.select().from(rateLimits).orderBy(asc(rateLimits.key));
  expect(rows.map(({ key }) => key)).toEqual(['later', 'now']);
});

describe('many rows', () => {
  const old = { endedAt: ago(8 * day) };

  test.each([99, 100, 101, 350])('%i are removed in one go, and live ones stay', async (count) => {
    const [live] = await addSessions({});
    await addSessions(old, count);
    expect(await removeExpired(opened.database, now)).toBe(count);
    expect(await remaining()).toEqual([live]);
    expect(await removeExpired(opened.database, now)).toBe(0);
  });

  test('are each removed once by two nodes at the same time', async () => {
    const [live] = await addSessions({});
    await addSessions(old, 1000);
    const removed = await Promise.all(
      Array.from({ length: 4 }, () => removeExpired(opened.database, now)),
    );
    const again = await removeExpired(opened.database, now);
    expect(removed.reduce((sum, each) => sum + each, again)).toBe(1000);
    expect(await remaining()).toEqual([live]);
  });

  // The embedded database has one connection, so nobody else can have locked a row.
  test.runIf(onPostgres)('that somebody has locked are left for the next time', async () => {
    const ids = (await addSessions(old, 250)).toSorted();
    const locked = ids.slice(0, 3);
    await opened.database.transaction(async (transaction) => {
      const rows = transaction.select().from(sessions).where(inArray(sessions.id, locked));
      expect(await rows.for('update')).toHaveLength(3);
      expect(await removeExpired(opened.database, now)).toBe(247);
    });
    expect((await remaining()).toSorted()).toEqual(locked);
    expect(await removeExpired(opened.database, now)).toBe(3);
  });
});

test('a session that is refreshed 1,000 times is one row, which goes a week after it expired', async () => {
  const app = await startApp({ database: opened.database });
  let pair: Pair = await register(app);
  const sid = claimsOf(pair.accessToken)['sid'] as string;
  for (let count = 0; count < 1000; count++) {
    app.clock.advance(60);
    const answer = await refresh(app, pair.refreshToken);
    expect(answer.errors).toEqual([]);
    pair = answer.data.refresh;
  }
  expect(await remaining()).toEqual([sid]);
  const [row] = await opened.database.select().from(sessions).where(eq(sessions.id, sid));
  expect(row).toMatchObject({ generation: 1001, endedAt: null });
  app.clock.now = new Date((row?.expiresAt.getTime() ?? 0) + 7 * day * 1000);
  expect(await removeExpired(opened.database, app.clock.now)).toBe(0);
  app.clock.advance(1);
  expect(await removeExpired(opened.database, app.clock.now)).toBe(1);
  await app.close();
});

describe('housekeeping', () => {
  const old = { endedAt: ago(8 * day) };
  const fail = (error: unknown) => {
    throw error;
  };

  test('begins at once, and is done when it is stopped', async () => {
    await addSessions(old, 300);
    const stop = startHousekeeping(opened.database, { clock: () => now, onError: fail });
    await stop();
    expect(await remaining()).toEqual([]);
  });

  test('comes back every ten minutes until it is stopped, and never after', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const stop = startHousekeeping(opened.database, { clock: () => now, onError: fail });
      await addSessions(old);
      vi.advanceTimersByTime(10 * 60 * 1000 - 1);
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(1);
      await vi.waitFor(async () => expect(await remaining()).toEqual([]));
      await stop();
      expect(vi.getTimerCount()).toBe(0);
      const kept = await addSessions(old);
      vi.advanceTimersByTime(60 * 60 * 1000);
      await opened.database.execute(sql`select 1`);
      expect(await remaining()).toEqual(kept);
    } finally {
      vi.useRealTimers();
    }
  });

  test('reports what fails, and stops all the same', async () => {
    const broken = await openTestDatabase();
    await broken.database.execute(sql`alter table sessions rename to gone`);
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const stop = startHousekeeping(broken.database, { clock: () => now, onError });
    await stop();
    expect(errors).toHaveLength(1);
    await broken.database.execute(sql`alter table gone rename to sessions`);
    await broken.close();
  });
});
