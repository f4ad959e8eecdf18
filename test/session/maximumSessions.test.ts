import { and, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditEvents } from '../../src/audit/table.ts';
import {
  beginAnew,
  endLeastRecentlyUsed,
  endSessionsOf,
  openSession,
} from '../../src/session/session.ts';
import { sessions } from '../../src/session/table.ts';
import { changeUser, nextEpoch } from '../../src/user/changeUser.ts';
import { claimsOf, login, type Pair, refresh, register, succeeded } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
let otherNode: TestApp;
beforeAll(async () => {
  // Sign-ins that run at the same moment count as attempts until their passwords are checked.
  const environment = { RATE_LIMIT_ACCOUNT: '0' };
  app = await startApp({ environment });
  otherNode = await startApp({ environment, database: app.database, clock: app.clock });
});
afterAll(async () => {
  await otherNode.close();
  await app.close();
});

const me = ({ accessToken }: Pair) => app.ask('{ me { id } }', { token: accessToken });

describe('the sessions of one user', () => {
  const openOne = (owner: Pair, { database, config, clock }: TestApp = app) => {
    const user = { id: claimsOf(owner.accessToken)['sub'] as string, credentialEpoch: 0 };
    const origin = { device: null, ip: '127.0.0.1', userAgent: null };
    return database.transaction(async (transaction) => {
      const opened = await openSession(transaction, user, origin, config.jwt, clock.now);
      if (opened) await endLeastRecentlyUsed(transaction, opened, clock.now);
      return opened;
    });
  };

  const open = async (owner: Pair, count: number) => {
    for (let opened = 0; opened < count; opened++) await openOne(owner);
  };

  const countLive = (owner: Pair) =>
    app.database.$count(
      sessions,
      and(
        eq(sessions.userId, claimsOf(owner.accessToken)['sub'] as string),
        isNull(sessions.endedAt),
      ),
    );

  test('are 50 at most, and the 51st ends the session that was unused for longest', async () => {
    const [stranger, first] = [await register(app), await register(app)];
    app.clock.advance(1);
    const second = await login(app, first.username);
    app.clock.advance(1);
    await open(first, 48);
    expect((await me(first)).errors).toEqual([]);
    // A refresh counts as a use, so that it is the second's turn.
    app.clock.advance(10);
    const refreshed: Pair = succeeded(await refresh(app, first.refreshToken)).refresh;
    app.clock.advance(1);
    const newest = await login(app, first.username);
    expect(failure(await me(second))).toEqual(refusals.revoked);
    expect(failure(await refresh(app, second.refreshToken))).toEqual(refusals.revoked);
    expect((await me(refreshed)).errors).toEqual([]);
    expect((await me(newest)).errors).toEqual([]);
    expect((await me(stranger)).errors).toEqual([]);
    expect(await countLive(first)).toBe(50);
    const userId = String(claimsOf(first.accessToken)['sub']);
    const ended = await app.database
      .select()
      .from(auditEvents)
      .where(and(eq(auditEvents.reason, 'limit'), eq(auditEvents.userId, userId)));
    expect(ended).toMatchObject([
      { event: 'SESSION_ENDED', sessionId: claimsOf(second.accessToken)['sid'] },
    ]);
  });

  test('never lose the newest, even if a node’s clock is behind', async () => {
    const first = await register(app);
    await open(first, 49);
    expect((await me(await login(app, first.username))).errors).toEqual([]);
    app.clock.advance(-5);
    const behind = await login(app, first.username);
    app.clock.advance(5);
    expect((await me(behind)).errors).toEqual([]);
    expect(await countLive(first)).toBe(50);
  });

  test('are never more than 50 after 20 sign-ins at the same moment, in 5 trials', async () => {
    for (let trial = 0; trial < 5; trial++) {
      const first = await register(app);
      await open(first, 44);
      await Promise.all(Array.from({ length: 20 }, () => openOne(first)));
      expect(await countLive(first)).toBe(50);
    }
  });

  test('are all usable after 40 sign-ins on two nodes at the same moment', async () => {
    const first = await register(app);
    const pairs = await Promise.all(
      Array.from({ length: 40 }, (_, index) => login(index % 2 ? app : otherNode, first.username)),
    );
    expect(await countLive(first)).toBe(41);
    for (const pair of pairs) expect((await me(pair)).errors).toEqual([]);
  });

  test('all end at the moment of a change of password, without a deadlock', async () => {
    for (let trial = 0; trial < 20; trial++) {
      const first = await register(app);
      await open(first, 5);
      const userId = claimsOf(first.accessToken)['sub'] as string;
      const last = await openOne(first);
      const { database, config, clock } = app;
      await Promise.all([
        database.transaction(async (transaction) => {
          await changeUser(transaction, userId, { credentialEpoch: nextEpoch });
          await beginAnew(transaction, last?.id ?? '', config.jwt, clock.now);
          await endSessionsOf(transaction, userId, 'password', clock.now, last?.id);
        }),
        database.transaction((transaction) =>
          endSessionsOf(transaction, userId, 'logout', clock.now),
        ),
      ]);
      expect(await countLive(first)).toBe(0);
    }
  });
});
