import { randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { guesses } from '../../src/throttle/table.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';
import { users } from '../../src/user/table.ts';
import { register } from '../support/account.ts';
import { failure, password, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import {
  advance,
  countFailedSignIns,
  limited,
  signIn,
  startAppInFrozenTime,
  wrongPassword,
} from './frozenTime.ts';

const { invalidCredentials } = refusals;
const minute = 60;
const waitsMinutes = [1, 2, 4, 8, 15, 15];

// Two nodes over one database.
let app: TestApp;
let otherNode: TestApp;
beforeAll(async () => {
  app = await startAppInFrozenTime();
  otherNode = await startAppInFrozenTime({ database: app.database });
});
afterAll(async () => {
  await otherNode.close();
  await app.close();
  vi.useRealTimers();
});

const run = (statement: string) => app.database.execute(sql.raw(statement));
const somebody = async () => (await register(app)).username;
const nobody = async () => `nobody-${randomUUID()}`;

/** Counts a guess, as a sign-in does before it looks at the password. */
function reserve(username: string) {
  const throttle = createThrottle(app.database, { account: 5, signIn: 0, register: 0 });
  const place = { ip: '127.0.0.1', isKnown: false };
  return throttle.reserveGuess({ username, userId: null, place }, new Date());
}

async function fail(username: string, count: number): Promise<void> {
  for (let attempt = 0; attempt < count; attempt++) {
    expect(failure(await signIn(app, { username }))).toEqual(invalidCredentials);
  }
}

describe.each([
  ['an account', somebody],
  ['a name without an account', nobody],
])('%s', (_what, nameOf) => {
  test('has five wrong passwords checked in five minutes, and no sixth password, not even the right one', async () => {
    const username = await nameOf();
    await fail(username, 5);
    const evaluated = await countFailedSignIns(app);
    for (const given of [wrongPassword, password]) {
      expect(failure(await signIn(app, { username, password: given }))).toEqual(limited(60));
    }
    expect(await countFailedSignIns(app)).toBe(evaluated);
  });

  test('waits 1, 2, 4, 8, 15 and again 15 minutes, and attempts meanwhile do not prolong a wait', async () => {
    const username = await nameOf();
    await fail(username, 5);
    for (const minutes of waitsMinutes) {
      expect(failure(await signIn(app, { username }))).toEqual(limited(minutes * minute));
      advance(minutes * minute - 1);
      const early = await signIn(app, { username, password });
      expect(failure(early)).toEqual(limited(1));
      advance(1);
      await fail(username, 1);
    }
  });

  test('is limited in any letter case', async () => {
    const username = await nameOf();
    await fail(username, 3);
    await fail(username.toUpperCase(), 2);
    for (const name of [username, username.toUpperCase()]) {
      expect(failure(await signIn(app, { username: name }))).toEqual(limited(60));
    }
  });

  test('is not limited by ten wrong passwords with fewer than five in any five minutes', async () => {
    const username = await nameOf();
    for (let round = 0; round < 3; round++) {
      await fail(username, 4);
      advance(5 * minute);
    }
  });

  test.each([
    ['on one node', () => [app]],
    ['on two nodes together', () => [app, otherNode]],
  ])('has at most five of 100 parallel wrong passwords checked %s', async (_where, nodesOf) => {
    const username = await nameOf();
    const nodes = nodesOf();
    const before = await countFailedSignIns(app);
    const attemptAll = () =>
      Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          signIn(nodes[index % nodes.length] as TestApp, { username }),
        ),
      );
    const codes = (await attemptAll()).map((answer) => failure(answer)?.['code']);
    expect(await countFailedSignIns(app)).toBe(before + 5);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(95);
    advance(minute);
    await attemptAll();
    expect(await countFailedSignIns(app)).toBe(before + 6);
    expect(failure(await signIn(app, { username, password }))).toEqual(limited(2 * minute));
  });

  test('is still limited after a restart', async () => {
    const username = await nameOf();
    await fail(username, 5);
    const before = await startAppInFrozenTime({ database: app.database });
    expect(failure(await signIn(before, { username }))).toEqual(limited(60));
    await before.close();
    advance(10);
    const after = await startAppInFrozenTime({ database: app.database });
    expect(failure(await signIn(after, { username, password }))).toEqual(limited(50));
    await after.close();
  });
});

describe('the right password', () => {
  test('within five attempts resets the count', async () => {
    const username = await somebody();
    for (let round = 0; round < 2; round++) {
      await fail(username, 4);
      expect((await signIn(app, { username, password })).errors).toEqual([]);
    }
    await fail(username, 5);
    expect(failure(await signIn(app, { username }))).toEqual(limited(60));
  });

  test.each([1, 2, 3, 4, 5, 6])('after %i waits resets the count and the waits', async (count) => {
    const username = await somebody();
    await fail(username, 5);
    for (const minutes of waitsMinutes.slice(0, count - 1)) {
      advance(minutes * minute);
      await fail(username, 1);
    }
    advance((waitsMinutes[count - 1] ?? 0) * minute);
    expect((await signIn(app, { username, password })).errors).toEqual([]);
    await fail(username, 5);
    expect(failure(await signIn(app, { username }))).toEqual(limited(60));
  });

  test.each([
    ['the session cannot be opened', 'insert on sessions'],
    ['an outdated hash cannot be renewed', 'update of password_hash on users'],
  ])('is not counted as a wrong one where %s', async (_what, write) => {
    const username = await somebody();
    const passwordHash = await hash(password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await app.database.update(users).set({ passwordHash }).where(eq(users.username, username));
    const raise = `begin raise exception 'not now'; end`;
    await run(`create function refuse() returns trigger language plpgsql as $$ ${raise} $$`);
    await run(`create trigger refuse before ${write} for each row execute function refuse()`);
    for (let count = 0; count < 6; count++) {
      const answer = await signIn(app, { username, password });
      expect(failure(answer)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    }
    await run('drop function refuse cascade');
    expect((await signIn(app, { username, password })).errors).toEqual([]);
  });

  test('that was being checked when another attempt began the first wait ends the wait', async () => {
    const username = await nobody();
    const right = await reserve(username);
    for (let count = 0; count < 4; count++) await reserve(username);
    await expect(reserve(username)).rejects.toMatchObject({ extensions: { retryAfter: 60 } });
    await right.forgive();
    await reserve(username);
  });
});

describe('the waits of an account', () => {
  const refused = { extensions: { code: 'RATE_LIMITED', retryAfter: 15 * minute } };

  async function reachLongestWait() {
    const username = await nobody();
    const attempt = () => reserve(username);
    for (let count = 0; count < 5; count++) await attempt();
    for (const minutes of [1, 2, 4, 8]) {
      advance(minutes * minute);
      await attempt();
    }
    return attempt;
  }

  test('stay at 15 minutes while guesses go on, up to the hundredth', async () => {
    const attempt = await reachLongestWait();
    for (let count = 9; count < 100; count++) {
      await expect(attempt()).rejects.toMatchObject(refused);
      advance(15 * minute);
      await attempt();
    }
    advance(15 * minute);
    await expect(attempt()).rejects.toMatchObject({ extensions: { retryAfter: 24 * 60 * minute } });
  });

  test('begin anew after a day without guesses', async () => {
    const attempt = await reachLongestWait();
    advance(24 * 60 * minute);
    for (let count = 0; count < 5; count++) await attempt();
    await expect(attempt()).rejects.toMatchObject({ extensions: { retryAfter: 60 } });
  });
});

describe('RATE_LIMIT_ACCOUNT', () => {
  test.each([1, 2, 7])('%i allows that number of wrong passwords', async (account) => {
    const environment = { RATE_LIMIT_ACCOUNT: String(account) };
    const node = await startAppInFrozenTime({ environment, database: app.database });
    const username = await nobody();
    for (let attempt = 0; attempt < account; attempt++) {
      expect(failure(await signIn(node, { username }))).toEqual(invalidCredentials);
    }
    expect(failure(await signIn(node, { username }))).toEqual(limited(60));
    await node.close();
  });

  test('0 allows any number of wrong passwords', async () => {
    const environment = { RATE_LIMIT_ACCOUNT: '0' };
    const node = await startAppInFrozenTime({ environment, database: app.database });
    const username = await nobody();
    for (let attempt = 0; attempt < 12; attempt++) {
      expect(failure(await signIn(node, { username }))).toEqual(invalidCredentials);
    }
    await node.close();
  });
});

test('the table of limits holds no name that was typed, and no password', async () => {
  const typed = `a password in the wrong field ${randomUUID()}`;
  const username = await somebody();
  for (const name of [typed, username]) await signIn(app, { username: name });
  const rows = await app.database.select().from(guesses);
  const stored = JSON.stringify(rows).toLowerCase();
  expect(rows.length).toBeGreaterThan(0);
  for (const secret of [typed, username, wrongPassword]) {
    expect(stored).not.toContain(secret.toLowerCase());
  }
});
