import { availableParallelism } from 'node:os';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { hashPassword, verifyPassword, whileQueueHasRoom } from '../../src/user/password.ts';
import { login, register } from '../support/account.ts';
import { type Answer, failure, startApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

// Modules outlive a file here, and none may keep the other argon2: neither this file's nor the next one's.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.resetModules();
});

// Argon2 that begins only when the gate is open, so that the queue stands still while it is looked at; and that is
// cheap, because there are hundreds.
const gate = vi.hoisted(() => ({
  closed: false,
  waiting: [] as (() => void)[],
  async pass() {
    if (this.closed) await new Promise<void>((resolve) => void this.waiting.push(resolve));
  },
}));
vi.mock('@node-rs/argon2', async (importOriginal) => {
  const { hash, verify } = await importOriginal<typeof import('@node-rs/argon2')>();
  return {
    hash: async (...[password]: Parameters<typeof hash>) =>
      gate.pass().then(() => hash(password, { memoryCost: 64, timeCost: 1 })),
    verify: async (...given: Parameters<typeof verify>) => gate.pass().then(() => verify(...given)),
  };
});

const atOnce = Math.min(availableParallelism(), 3);
const waiting = 64;
const full = atOnce + waiting;
const busy = {
  code: 'RATE_LIMITED',
  message: 'Too many attempts. Try again in 1 seconds.',
  retryAfter: 1,
};

/** Lets all hashes pass, those that come later too. */
function open(): void {
  gate.closed = false;
  for (const resume of gate.waiting.splice(0)) resume();
}

beforeEach(() => {
  gate.closed = true;
  return open;
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('of many hashes at once', () => {
  test('as many run as there are cores, but three at most', async () => {
    const hashes = Array.from({ length: full }, () => hashPassword('a password of somebody'));
    await settled();
    expect(gate.waiting).toHaveLength(atOnce);
    open();
    await Promise.all(hashes);
  });

  test('64 wait, and the next is refused at once, whether it makes a hash or compares one', async () => {
    const hashes = Array.from({ length: full }, () => hashPassword('a password of somebody'));
    await settled();
    for (const refused of [hashPassword('one more'), verifyPassword(null, 'one more')]) {
      await expect(refused).rejects.toMatchObject({ extensions: { code: 'RATE_LIMITED' } });
    }
    open();
    expect(new Set(await Promise.all(hashes)).size).toBe(full);
    expect(await verifyPassword(await hashPassword('one more'), 'one more')).toBe(true);
  });

  test('one that fails makes room for the next', async () => {
    open();
    const failing = Array.from({ length: full }, () => verifyPassword('no hash', 'a password'));
    const results = await Promise.allSettled(failing);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await hashPassword('a password of somebody')).toContain('$argon2id$');
  });
});

test('a check that the queue would refuse does not even begin, and one that ends makes room', async () => {
  const ends: (() => void)[] = [];
  const under = Array.from({ length: full }, () =>
    whileQueueHasRoom(() => new Promise<void>((resolve) => ends.push(resolve))),
  );
  const work = vi.fn(async () => 'done');
  await expect(whileQueueHasRoom(work)).rejects.toMatchObject({
    extensions: { code: 'RATE_LIMITED' },
  });
  expect(work).not.toHaveBeenCalled();
  ends.pop()?.();
  await settled();
  expect(await whileQueueHasRoom(work)).toBe('done');
  for (const end of ends) end();
  await Promise.all(under);
});

test('a server whose queue is full refuses further sign-ins, answers all else, and recovers', async () => {
  open();
  const app = await startApp({ environment: { RATE_LIMIT_ACCOUNT: '0' } });
  onTestFinished(() => app.close());
  const { username, accessToken: token } = await register(app);
  gate.closed = true;
  const refused: Answer[] = [];
  const evaluated: Answer[] = [];
  const signIns = Array.from({ length: 200 }, async () => {
    const answer = await app.ask(
      'mutation { login(username: "ada", password: "not what was chosen") { fresh } }',
    );
    (gate.closed ? refused : evaluated).push(answer);
  });
  await vi.waitFor(() => expect(refused).toHaveLength(200 - full), 20_000);
  expect((await app.ask('{ me { username } }', { token })).data).toEqual({ me: { username } });
  expect((await app.inject({ url: '/healthz' })).statusCode).toBe(200);
  expect(evaluated).toEqual([]);
  open();
  await Promise.all(signIns);
  expect(refused.map(failure)).toEqual(Array(200 - full).fill(busy));
  expect(evaluated.map(failure)).toEqual(Array(full).fill(refusals.invalidCredentials));
  await login(app, username);
});

test('a sign-in that the full queue refuses is not counted as a guess', async () => {
  const app = await startApp();
  onTestFinished(() => app.close());
  open();
  const { username } = await register(app);
  gate.closed = true;
  const hashes = Array.from({ length: full }, () => hashPassword('a password of somebody'));
  await settled();
  const signIn = () =>
    app.ask(
      'mutation ($username: String!) { login(username: $username, password: "x") { fresh } }',
      {
        variables: { username },
      },
    );
  for (let attempt = 0; attempt < 6; attempt++) expect(failure(await signIn())).toEqual(busy);
  open();
  await Promise.all(hashes);
  expect(failure(await signIn())).toEqual(refusals.invalidCredentials);
});
