import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { auditEvents } from '../../src/audit/table.ts';
import { type Account, claimsOf, register } from '../support/account.ts';
import { failure, type TestApp } from '../support/app.ts';
import { advance, signIn, startAppInFrozenTime } from '../throttle/frozenTime.ts';

// Two nodes over one database.
let nodes: [TestApp, TestApp];
let app: TestApp;
let account: Account;
beforeEach(async () => {
  const environment = { RATE_LIMIT_ACCOUNT: '2' };
  app = await startAppInFrozenTime({ environment });
  nodes = [app, await startAppInFrozenTime({ environment, database: app.database })];
  account = await register(app);
});
afterEach(async () => {
  await nodes[1].close();
  await app.close();
  vi.useRealTimers();
});

const throttled = async () =>
  await app.database
    .select()
    .from(auditEvents)
    .where(eq(auditEvents.event, 'SIGN_IN_THROTTLED'))
    .orderBy(auditEvents.id);

async function guess(count: number, username: string) {
  for (let done = 0; done < count; done++) {
    const answer = await signIn(nodes[done % 2] ?? app, { username });
    expect(['INVALID_CREDENTIALS', 'RATE_LIMITED']).toContain(
      failure(answer)?.['reason'] ?? failure(answer)?.['code'],
    );
  }
}

describe('limited sign-ins', () => {
  test('have one audit entry for each five minutes and account, with a count that all nodes share', async () => {
    const other = await register(app);
    const at = new Date();
    app.logLines.length = 0;
    await guess(2 + 7, account.username);
    await guess(2 + 3, other.username);
    const ofNetwork = { actorId: null, sessionId: null, ip: '127.0.0.1', reason: 'RATE_LIMITED' };
    const userIds = [account, other].map(({ accessToken }) => claimsOf(accessToken)['sub']);
    expect(await throttled()).toMatchObject([
      { ...ofNetwork, userId: userIds[0], count: 7, at },
      { ...ofNetwork, userId: userIds[1], count: 3, at },
    ]);
    const lines = app.logLines.filter((line) => line.includes('SIGN_IN_THROTTLED'));
    expect(lines).toHaveLength(2);
    advance(299);
    const before = await throttled();
    await guess(3, account.username);
    expect(await throttled()).toHaveLength(before.length);
    advance(1);
    await guess(3, account.username);
    expect(await throttled()).toHaveLength(before.length + 1);
  });

  test('of unknown names have one audit entry for the network', async () => {
    for (const name of [randomUUID(), randomUUID(), randomUUID()]) await guess(3, `no-${name}`);
    expect(await throttled()).toMatchObject([{ userId: null, count: 3 }]);
  });
});
