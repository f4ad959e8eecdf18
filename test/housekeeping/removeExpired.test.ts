import { randomBytes, randomUUID } from 'node:crypto';
import { asc, eq, inArray, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { apiTokens } from '../../src/apiToken/table.ts';
import { auditEvents } from '../../src/audit/table.ts';
import { removeExpired } from '../../src/housekeeping.ts';
import { sessions } from '../../src/session/table.ts';
import { guesses, knownNetworks, rateLimits } from '../../src/throttle/table.ts';
import { claimsOf, type Pair, refresh, register } from '../support/account.ts';
import { startApp } from '../support/app.ts';
import { onPostgres } from '../support/database.ts';
import {
  addSessions,
  ago,
  ahead,
  day,
  now,
  opened,
  remaining,
  type Times,
  useAgingDatabase,
  userId,
} from './aging.ts';

useAgingDatabase();

describe('a session', () => {
  test.each<[string, Times]>([
    ['ended', { endedAt: ago(7 * day, 1) }],
    ['expired', { expiresAt: ago(7 * day, 1), lastUsedAt: ago(90 * day, 1) }],
    ['ended, before it expired today,', { endedAt: ago(7 * day, 1), expiresAt: now }],
  ])('that %s more than 7 days ago is removed', async (_what, times) => {
    await addSessions(times);
    expect(await removeExpired(opened.database, now, 400)).toBe(1);
    expect(await remaining()).toEqual([]);
  });

  test.each<[string, Times]>([
    ['ended 7 days ago', { endedAt: ago(7 * day) }],
    ['expired 7 days ago', { expiresAt: ago(7 * day), lastUsedAt: ago(91 * day) }],
    ['expired, but was used 90 days ago', { expiresAt: ago(60 * day), lastUsedAt: ago(90 * day) }],
    ['is live', {}],
    ['has been idle for too long, but is not expired', { idleExpiresAt: ago(8 * day) }],
  ])('that %s stays', async (_what, times) => {
    const ids = await addSessions(times);
    expect(await removeExpired(opened.database, now, 400)).toBe(0);
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
  expect(await removeExpired(opened.database, now, 400)).toBe(1);
  const rows = await opened.database.select().from(apiTokens).orderBy(asc(apiTokens.name));
  expect(rows.map(({ name }) => name)).toEqual(['a week ago', 'never', 'soon']);
});

test('networks are forgotten 90 days after an account was entered from them', async () => {
  const networks = { gone: ago(90 * day, 1), kept: ago(90 * day), today: now };
  for (const [network, enteredAt] of Object.entries(networks)) {
    await opened.database.insert(knownNetworks).values({ userId, network, enteredAt });
  }
  expect(await removeExpired(opened.database, now, 400)).toBe(1);
  const rows = await opened.database.select().from(knownNetworks).orderBy(knownNetworks.network);
  expect(rows.map(({ network }) => network)).toEqual(['kept', 'today']);
});

test('guesses are forgotten after 90 days, but never those in a row at an account that exists', async () => {
  const [old, recent] = [ago(90 * day, 1), ago(90 * day)];
  const counts = {
    'a place': { lastAt: old },
    'a place, recent': { lastAt: recent },
    'an account': { lastAt: old, userId },
    'an account without failures': { lastAt: old, userId, failures: 0 },
    'nobody, recent': { lastAt: recent, userId: null },
    nobody: { lastAt: old, userId: null },
    'somebody deleted': { lastAt: old, userId: randomUUID() },
  };
  for (const [key, count] of Object.entries(counts)) {
    await opened.database
      .insert(guesses)
      .values({ key, account: key, failures: 1, steps: 1, ...count });
  }
  expect(await removeExpired(opened.database, now, 400)).toBe(4);
  const rows = await opened.database.select().from(guesses).orderBy(guesses.key);
  expect(rows.map(({ key }) => key)).toEqual(['a place, recent', 'an account', 'nobody, recent']);
});

test('rate limits that have run out are removed, and no others', async () => {
  const limits = { before: ago(0, 1), now, later: ahead(1) };
  for (const [key, expire] of Object.entries(limits)) {
    await opened.database.insert(rateLimits).values({ key, points: 1, expire });
  }
  expect(await removeExpired(opened.database, now, 400)).toBe(1);
  const rows = await opened.database.select().from(rateLimits).orderBy(asc(rateLimits.key));
  expect(rows.map(({ key }) => key)).toEqual(['later', 'now']);
});

describe('audit events', () => {
  test.each([1, 400])('are kept for %i days, and removed then', async (days) => {
    const times = { before: ago(days * day, 1), 'that long ago': ago(days * day), now };
    for (const [reason, at] of Object.entries(times)) {
      await opened.database.insert(auditEvents).values({ event: 'SIGN_IN', at, reason });
    }
    expect(await removeExpired(opened.database, now, days)).toBe(1);
    const rows = await opened.database.select().from(auditEvents).orderBy(asc(auditEvents.at));
    expect(rows.map(({ reason }) => reason)).toEqual(['that long ago', 'now']);
  });

  test('that are too old are found by an index, however many there are', async () => {
    await opened.database.execute(sql`set enable_seqscan = off`);
    const { rows } = await opened.database.execute<{ 'QUERY PLAN': string }>(
      sql`explain select id from audit_events where at < now() limit 100`,
    );
    await opened.database.execute(sql`reset enable_seqscan`);
    expect(rows.map((row) => row['QUERY PLAN']).join()).toContain('audit_events_at_index');
  });
});

describe('many rows', () => {
  const old = { endedAt: ago(8 * day) };

  test.each([99, 100, 101, 350])('%i are removed in one go, and live ones stay', async (count) => {
    const [live] = await addSessions({});
    await addSessions(old, count);
    expect(await removeExpired(opened.database, now, 400)).toBe(count);
    expect(await remaining()).toEqual([live]);
    expect(await removeExpired(opened.database, now, 400)).toBe(0);
  });

  test('are each removed once by two nodes at the same time', async () => {
    const [live] = await addSessions({});
    await addSessions(old, 1000);
    const removed = await Promise.all(
      Array.from({ length: 4 }, () => removeExpired(opened.database, now, 400)),
    );
    const again = await removeExpired(opened.database, now, 400);
    expect(removed.reduce((sum, each) => sum + each, again)).toBe(1000);
    expect(await remaining()).toEqual([live]);
  });

  // The embedded database has one connection, so nobody else can have locked a row.
  test.runIf(onPostgres)('that are locked are left for the next run', async () => {
    const ids = (await addSessions(old, 250)).toSorted();
    const locked = ids.slice(0, 3);
    await opened.database.transaction(async (transaction) => {
      const rows = transaction.select().from(sessions).where(inArray(sessions.id, locked));
      expect(await rows.for('update')).toHaveLength(3);
      expect(await removeExpired(opened.database, now, 400)).toBe(247);
    });
    expect((await remaining()).toSorted()).toEqual(locked);
    expect(await removeExpired(opened.database, now, 400)).toBe(3);
  });
});

test('a session that is refreshed 200 times is one row, which goes when its device is not known any more', async () => {
  const app = await startApp({ database: opened.database });
  let pair: Pair = await register(app);
  const sid = claimsOf(pair.accessToken)['sid'] as string;
  for (let count = 0; count < 200; count++) {
    app.clock.advance(60);
    const answer = await refresh(app, pair.refreshToken);
    expect(answer.errors).toEqual([]);
    pair = answer.data.refresh;
  }
  expect(await remaining()).toEqual([sid]);
  const [row] = await opened.database.select().from(sessions).where(eq(sessions.id, sid));
  expect(row).toMatchObject({ generation: 201, endedAt: null });
  app.clock.now = new Date((row?.lastUsedAt.getTime() ?? 0) + 90 * day * 1000);
  await removeExpired(opened.database, app.clock.now, 400);
  expect(await remaining()).toEqual([sid]);
  app.clock.advance(1);
  await removeExpired(opened.database, app.clock.now, 400);
  expect(await remaining()).toEqual([]);
  await app.close();
});
