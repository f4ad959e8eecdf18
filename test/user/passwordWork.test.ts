import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { users } from '../../src/user/table.ts';
import { type Account, register } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

// Modules outlive a file here, and none may keep the other argon2: neither this file's nor the next one's.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.resetModules();
});

// Argon2 that tells how much it did: memory in KiB times passes, which is what its time depends on.
const done = vi.hoisted(() => ({ work: [] as number[] }));
vi.mock('@node-rs/argon2', async (importOriginal) => {
  const { hash, verify } = await importOriginal<typeof import('@node-rs/argon2')>();
  return {
    hash: async (...[given, options]: Parameters<typeof hash>) => {
      done.work.push((options?.memoryCost ?? 0) * (options?.timeCost ?? 0));
      return await hash(given, options);
    },
    verify: async (...[stored, ...given]: Parameters<typeof verify>) => {
      const matches = await verify(stored, ...given);
      const [, memory, passes] = /m=(\d+),t=(\d+)/.exec(String(stored)) ?? [];
      done.work.push(Number(memory) * Number(passes));
      return matches;
    },
  };
});

const { hash } = await import('@node-rs/argon2');
const today = 19_456 * 2;

let app: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp({ environment: { RATE_LIMIT_ACCOUNT: '0' } });
  // The decoy is made at the first sign-in of a process that was not started by main.
  await ask('login', 'nobody-at-all');
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await register(app);
});

async function store(passwordHash: string): Promise<void> {
  await app.database
    .update(users)
    .set({ passwordHash })
    .where(eq(users.username, account.username));
}

async function ask(mutation: 'login' | 'freshLogin', name: string, given = 'a wrong password') {
  done.work.length = 0;
  const args = mutation === 'login' ? `username: "${name}", password` : 'password';
  const answer = await app.ask(`mutation ($p: String!) { ${mutation}(${args}: $p) { fresh } }`, {
    variables: { p: given },
    ...(mutation === 'freshLogin' && { token: account.accessToken }),
  });
  return { failure: failure(answer), work: done.work.reduce((sum, each) => sum + each, 0) };
}

const refused = { failure: refusals.invalidCredentials, work: today };

describe.each(['login', 'freshLogin'] as const)('a wrong password in %s', (mutation) => {
  test('costs one hash with the current parameters', async () => {
    expect(await ask(mutation, account.username)).toEqual(refused);
  });

  test.each([
    [8192, 1],
    [4096, 3],
    [64, 1],
    [19_456, 1],
    [12_288, 3],
    [38_911, 1],
    [37_888, 1],
  ])(
    'costs as much where the stored hash has %i KiB and %i passes',
    async (memoryCost, timeCost) => {
      await store(await hash(password, { memoryCost, timeCost, parallelism: 1 }));
      const { failure, work } = await ask(mutation, account.username);
      expect(failure).toEqual(refusals.invalidCredentials);
      // Argon2 has no less than 8 KiB.
      expect(today - work).toBeLessThan(8);
      expect(work).toBeLessThanOrEqual(today);
    },
  );

  test('costs no less where the stored hash costs more than a current one', async () => {
    await store(await hash(password, { memoryCost: 65_536, timeCost: 3, parallelism: 1 }));
    expect(await ask(mutation, account.username)).toEqual({ ...refused, work: 65_536 * 3 });
  });
});

const tail = '$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g';
describe.each(['login', 'freshLogin'] as const)('in %s a stored hash', (mutation) => {
  test.each([
    ['that is empty', ''],
    ['that is no hash', 'imported'],
    ['that is the password', password],
    ['of bcrypt', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    ['of PBKDF2', '$pbkdf2-sha256$29000$c2FsdA$aGFzaA'],
    ['without its end', '$argon2id$v=19$m=19456,t=2,p=1$'],
    ['with a salt that is too short', '$argon2id$v=19$m=19456,t=2,p=1$YQ$aGFzaGhhc2hoYXNoaGFzaA'],
    ['with a key', `$argon2id$v=19$m=19456,t=2,p=1,keyid=YQ${tail}`],
    ['with no pass', `$argon2id$v=19$m=19456,t=0,p=1${tail}`],
    ['with less memory than its lanes need', `$argon2id$v=19$m=16,t=2,p=255${tail}`],
    ['of a version that does not exist', `$argon2id$v=99$m=19456,t=2,p=1${tail}`],
    ['that asks for 4 TiB', `$argon2id$v=19$m=4294967295,t=2,p=1${tail}`],
    ['that asks for 9 GiB', `$argon2id$v=19$m=9999999,t=1,p=1${tail}`],
    ['that asks for a thousand passes', `$argon2id$v=19$m=19456,t=999,p=1${tail}`],
  ])(
    '%s is refused like a wrong password, at the same cost, with a line in the log',
    async (_what, stored) => {
      await store(stored);
      app.logLines.length = 0;
      expect(await ask(mutation, account.username, password)).toEqual(refused);
      const lines = app.logLines.filter((line) => line.includes('cannot be read'));
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { level: 50, userId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      ]);
      if (stored) expect(app.logLines.join()).not.toContain(stored);
      expect(app.logLines.join()).not.toContain(password);
    },
  );

  test.each([
    [8192, 1],
    [65_536, 1],
  ])(
    'of %i KiB and %i passes accepts the right password, and is replaced with current parameters',
    async (memoryCost, timeCost) => {
      await store(await hash(password, { memoryCost, timeCost, parallelism: 1 }));
      expect(await ask(mutation, account.username, password)).toEqual({
        failure: undefined,
        work: memoryCost * timeCost + today,
      });
      expect(await ask(mutation, account.username, password)).toEqual({
        failure: undefined,
        work: today,
      });
    },
  );
});

test.each(['nobody-of-this-name', 'x', ''])(
  'a sign-in with the name "%s" without an account costs the same',
  async (name) => {
    expect(await ask('login', name)).toEqual(refused);
  },
);

test('a sign-in to a disabled account costs the same, also with the right password', async () => {
  const byName = eq(users.username, account.username);
  await app.database.update(users).set({ active: false }).where(byName);
  for (const given of [password, 'a wrong password']) {
    expect(await ask('login', account.username, given)).toEqual(refused);
  }
});
