import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { claimsOf, login, type Pair, refresh, register, succeeded } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

const limited = (retryAfter: number) => ({
  code: 'RATE_LIMITED',
  retryAfter,
  message: `Too many attempts. Try again in ${retryAfter} seconds.`,
});

// Two nodes over one database.
let nodes: [TestApp, TestApp];
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  nodes = [app, await startApp({ database: app.database, clock: app.clock })];
});
afterAll(async () => {
  await nodes[1].close();
  await app.close();
});

const me = ({ accessToken }: Pair) => app.ask('{ me { id } }', { token: accessToken });

/** Refreshes again and again, on one node and the other in turn. */
async function refreshTimes(count: number, first: Pair): Promise<Pair> {
  let pair = first;
  for (let done = 0; done < count; done++) {
    pair = succeeded(await refresh(nodes[done % 2] ?? app, pair.refreshToken)).refresh;
  }
  return pair;
}

let first: Pair & { username: string };
let newest: Pair;

describe('a session that was refreshed 300 times in less than five minutes', () => {
  beforeEach(async () => {
    first = await register(app);
    app.clock.advance(10);
    newest = await refreshTimes(1, first);
    app.clock.advance(200);
    newest = await refreshTimes(299, newest);
  });

  test('is refused on every node until five minutes are over, and does not end', async () => {
    for (const node of nodes) {
      expect(failure(await refresh(node, newest.refreshToken))).toEqual(limited(100));
    }
    app.clock.advance(99);
    expect(failure(await refresh(app, newest.refreshToken))).toEqual(limited(1));
    expect((await me(newest)).errors).toEqual([]);
    app.clock.advance(1);
    newest = await refreshTimes(300, newest);
    expect(failure(await refresh(app, newest.refreshToken))).toEqual(limited(300));
    expect((await me(newest)).errors).toEqual([]);
  });

  test('is refused in a second tab too, and other sessions of the user are not', async () => {
    const [other, stranger] = [await login(app, first.username), await register(app)];
    for (const pair of [other, stranger]) await refreshTimes(2, pair);
    expect(failure(await refresh(app, newest.refreshToken))).toEqual(limited(100));
  });

  test('still detects a stolen refresh token', async () => {
    expect(failure(await refresh(app, newest.refreshToken))).toEqual(limited(100));
    expect(failure(await refresh(app, first.refreshToken))).toEqual(refusals.reused);
    expect(failure(await me(newest))).toEqual(refusals.revoked);
  });

  test('is not refused for longer because of a node whose clock is days ahead', async () => {
    const sessionId = claimsOf(newest.accessToken)['sid'] as string;
    const refreshesSince = new Date(app.clock.now.getTime() + 45 * 24 * 60 * 60 * 1000);
    await app.database.update(sessions).set({ refreshesSince }).where(eq(sessions.id, sessionId));
    await refreshTimes(1, newest);
  });
});

test('of 350 refreshes at the same moment on two nodes, 300 pass, and the session does not end', async () => {
  const pair = await register(app);
  const answers = await Promise.all(
    Array.from({ length: 350 }, (_, index) => refresh(nodes[index % 2] ?? app, pair.refreshToken)),
  );
  const passed = answers.filter(({ errors }) => errors.length === 0);
  expect(passed).toHaveLength(300);
  const refused = answers.filter(({ errors }) => errors.length > 0).map(failure);
  expect(refused).toEqual(Array(50).fill(limited(300)));
  expect((await me(passed[0]?.data.refresh)).errors).toEqual([]);
});
