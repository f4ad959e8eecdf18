import { sql } from 'drizzle-orm';
import { describe, expect, test, vi } from 'vitest';
import { measureClockDifference } from '../../src/database/clockDifference.ts';
import { startHousekeeping } from '../../src/housekeeping.ts';
import { openTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { addSessions, ago, day, now, opened, remaining, useAgingDatabase } from './aging.ts';

useAgingDatabase();

describe('housekeeping', () => {
  const rightClock = {
    clock: () => now,
    clockDifferenceSeconds: async () => 0,
    auditRetentionDays: 400,
  };
  const old = { endedAt: ago(8 * day) };
  const fail = (error: unknown) => {
    throw error;
  };

  test('begins at once, and is done when it is stopped', async () => {
    await addSessions(old, 300);
    const stop = startHousekeeping(opened.database, { ...rightClock, onError: fail });
    await stop();
    expect(await remaining()).toEqual([]);
  });

  test('runs every ten minutes until it is stopped, and never after', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const stop = startHousekeeping(opened.database, { ...rightClock, onError: fail });
      await addSessions(old);
      vi.advanceTimersByTime(10 * 60 * 1000 - 1);
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(1);
      await eventually(async () => expect(await remaining()).toEqual([]));
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

  test.each([-300, -1, 0, 300])(
    'runs on a node whose clock differs from the clock of the database by %i s',
    async (difference) => {
      await addSessions(old);
      const clock = { ...rightClock, clockDifferenceSeconds: async () => difference };
      await startHousekeeping(opened.database, { ...clock, onError: fail })();
      expect(await remaining()).toEqual([]);
    },
  );

  test.each([-301, 301, 45 * day])(
    'removes nothing where the clock differs from the one of the database by %i s, and reports it',
    async (difference) => {
      const ids = await addSessions(old);
      const errors: unknown[] = [];
      await startHousekeeping(opened.database, {
        clock: () => now,
        clockDifferenceSeconds: async () => difference,
        auditRetentionDays: 400,
        onError: (error) => void errors.push(error),
      })();
      expect(await remaining()).toEqual(ids);
      expect(errors).toEqual([
        new Error(
          `Nothing is removed: this clock and the one of the database differ by ${difference} seconds.`,
        ),
      ]);
    },
  );

  test('on a node that is 45 days ahead of its database leaves everybody’s sessions', async () => {
    const ids = await addSessions({ expiresAt: new Date(Date.now() + 30 * day * 1000) });
    const clock = () => new Date(Date.now() + 45 * day * 1000);
    const errors: unknown[] = [];
    const stop = startHousekeeping(opened.database, {
      clock,
      clockDifferenceSeconds: () => measureClockDifference(opened.database, clock),
      auditRetentionDays: 400,
      onError: (error) => void errors.push(error),
    });
    await stop();
    expect(await remaining()).toEqual(ids);
    expect(errors).toHaveLength(1);
  });

  test('removes nothing while the clocks cannot be compared', async () => {
    const ids = await addSessions(old);
    const errors: unknown[] = [];
    const lost = new Error('no answer');
    await startHousekeeping(opened.database, {
      clock: () => now,
      clockDifferenceSeconds: () => Promise.reject(lost),
      auditRetentionDays: 400,
      onError: (error) => void errors.push(error),
    })();
    expect(await remaining()).toEqual(ids);
    expect(errors).toEqual([lost]);
  });

  test('reports a failure, and can be stopped all the same', async () => {
    const broken = await openTestDatabase();
    await broken.database.execute(sql`alter table sessions rename to gone`);
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const stop = startHousekeeping(broken.database, { ...rightClock, onError });
    await stop();
    expect(errors).toHaveLength(1);
    await broken.database.execute(sql`alter table gone rename to sessions`);
    await broken.close();
  });
});
