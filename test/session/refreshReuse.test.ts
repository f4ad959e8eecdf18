import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { type Account, claimsOf, login, type Pair, refresh, register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { sessionSteps } from './sessionSteps.ts';

const day = 24 * 60 * 60;
const { invalid, revoked, reused } = refusals;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const { next, rotate, sessionOf, useAccessToken } = sessionSteps(() => app);

describe('the refresh token before the newest', () => {
  let first: Account;
  let second: Pair;
  const rotateOnce = async () => {
    first = await register(app);
    second = await rotate(first.refreshToken);
  };

  test.each([0, 1, 29, 30])(
    'returns the same refresh token again %i s after the rotation',
    async (seconds) => {
      await rotateOnce();
      await useAccessToken(second);
      app.clock.advance(seconds);
      const again = await next(first.refreshToken);
      expect(again.refreshToken).toBe(second.refreshToken);
      expect((await useAccessToken(again)).errors).toEqual([]);
    },
  );

  test('counts as stolen 31 s after the rotation, once a token of the newest was used', async () => {
    await rotateOnce();
    await useAccessToken(second);
    app.clock.advance(31);
    expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
    expect(await sessionOf(second)).toMatchObject({ endReason: 'reuse', endedAt: app.clock.now });
  });

  test.each([31, 600, day])(
    'returns the same refresh token again %i s after the rotation, when the answer was lost',
    async (seconds) => {
      await rotateOnce();
      app.clock.advance(seconds);
      expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
    },
  );

  test('does not count as stolen when a second tab refreshes just after the first', async () => {
    await rotateOnce();
    app.clock.advance(60);
    const again = await next(first.refreshToken);
    await useAccessToken(again);
    app.clock.advance(30);
    expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
    app.clock.advance(1);
    expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
  });

  test('does not count as stolen when another caller used the token that was returned again', async () => {
    await rotateOnce();
    app.clock.advance(60);
    const again = await next(first.refreshToken);
    expect((await next(again.refreshToken)).refreshToken).toBe(second.refreshToken);
    expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
  });

  test('lives no longer than 24 h, however often it is used', async () => {
    await rotateOnce();
    for (let count = 0; count < 2; count++) {
      app.clock.advance(day / 2);
      expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
    }
    app.clock.advance(31);
    expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
  });

  test('counts as stolen more than 24 h after the rotation, even if no newer token was used', async () => {
    await rotateOnce();
    app.clock.advance(day + 1);
    expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
  });

  test('counts as stolen when the newest refresh token was used', async () => {
    await rotateOnce();
    await rotate(second.refreshToken);
    expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
  });
});

describe('a reused refresh token', () => {
  test('ends its session for thief and victim, and no other session of the user', async () => {
    const thief = await register(app);
    const other = await login(app, thief.username);
    const second = await rotate(thief.refreshToken);
    const third = await rotate(second.refreshToken);
    expect(failure(await refresh(app, thief.refreshToken))).toEqual(reused);
    expect(failure(await refresh(app, third.refreshToken))).toEqual(revoked);
    expect(failure(await useAccessToken(third))).toEqual(revoked);
    expect((await useAccessToken(other)).errors).toEqual([]);
    expect((await refresh(app, other.refreshToken)).errors).toEqual([]);
  });

  test('is logged with its session, and without a token', async () => {
    const first = await register(app);
    const second = await rotate(first.refreshToken);
    await rotate(second.refreshToken);
    app.logLines.length = 0;
    await refresh(app, first.refreshToken);
    const line = app.logLines.find((text) => text.includes('used again')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      sessionId: claimsOf(first.accessToken)['sid'],
      level: 40,
    });
    expect(app.logLines.join('')).not.toContain(first.refreshToken.slice(0, 20));
  });

  test('ends the session at the second exchange when thief and victim take turns', async () => {
    const stolen = await register(app);
    const thief = await rotate(stolen.refreshToken);
    await useAccessToken(thief);
    app.clock.advance(60);
    expect(failure(await refresh(app, stolen.refreshToken))).toEqual(reused);
    expect(failure(await refresh(app, thief.refreshToken))).toEqual(revoked);
  });
});

test('a refresh token ahead of its session is invalid, does not end the session, and logs an alarm', async () => {
  const first = await register(app);
  const second = await rotate(first.refreshToken);
  const third = await rotate(second.refreshToken);
  const session = await sessionOf(third);
  await app.database
    .update(sessions)
    .set({ generation: 1, confirmedGeneration: 0 })
    .where(eq(sessions.id, session?.id ?? ''));
  app.logLines.length = 0;
  expect(failure(await refresh(app, third.refreshToken))).toEqual(invalid);
  expect(await sessionOf(third)).toMatchObject({ endedAt: null, generation: 1 });
  expect(
    app.logLines.some((line) => JSON.parse(line).level === 50 && line.includes('set back')),
  ).toBe(true);
  expect((await refresh(app, first.refreshToken)).errors).toEqual([]);
});
