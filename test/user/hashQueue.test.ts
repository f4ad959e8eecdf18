import { eq } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { guesses } from '../../src/throttle/table.ts';
import { hashPassword, hashQueue } from '../../src/user/password.ts';
import { claimsOf, register } from '../support/account.ts';
import { failure, password } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { refusals } from '../support/refusals.ts';
import {
  atOnce,
  busy,
  fill,
  full,
  mutations,
  send,
  settled,
  signIn,
  start,
  wrongPassword,
} from './hashing.ts';
import { gate } from './slowHashes.ts';

// Modules outlive a file here, and none may keep the other argon2: neither this file's nor the next one's.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.resetModules();
});

vi.mock('@node-rs/argon2', async (importOriginal) =>
  (await import('./slowHashes.ts')).behindGate(await importOriginal()),
);

beforeEach(() => {
  gate.close();
  return () => gate.open();
});

describe('many hashes at once', () => {
  test('run one for each core, three at most', async () => {
    const hashes = Array.from({ length: full }, () => hashPassword('a password of somebody'));
    await settled();
    expect(gate.waiting).toHaveLength(atOnce);
    gate.open();
    await Promise.all(hashes);
  });

  test('wait, 64 at most, and the next is refused at once', async () => {
    const hashes = Array.from({ length: full }, () => hashPassword('a password of somebody'));
    await settled();
    await expect(hashPassword('one more')).rejects.toMatchObject({
      extensions: { code: 'RATE_LIMITED', retryAfter: 1 },
    });
    gate.open();
    expect(new Set(await Promise.all(hashes)).size).toBe(full);
    expect(await hashPassword('one more')).toContain('$argon2id$');
  });
});

describe('a full queue', () => {
  test('refuses requests before any query, serves all other requests, and recovers', async () => {
    const app = await start();
    const { username, accessToken: token } = await register(app);
    gate.close();
    const { done } = await fill();
    const queries = vi.spyOn(app.database, 'select');
    const writes = vi.spyOn(app.database, 'execute');
    const nobody = await signIn(app, 'nobody-at-all', wrongPassword);
    const registered = await send(app, mutations.register, {
      variables: { name: 'somebody-new', p: password },
    });
    expect([nobody, registered].map(failure)).toEqual([busy, busy]);
    expect([queries, writes].map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
    expect((await app.ask('{ me { username } }', { token })).data).toEqual({ me: { username } });
    expect((await app.inject({ url: '/healthz' })).statusCode).toBe(200);
    gate.open();
    await done;
    expect((await signIn(app, username, password)).errors).toEqual([]);
  });

  test('counts no guess that it refuses, and keeps the guesses that were made', async () => {
    const app = await start();
    const { username } = await register(app);
    let looked = 0;
    for (let round = 0; round < 8; round++) {
      for (let count = 0; count < 3; count++) {
        const answer = failure(await signIn(app, username, wrongPassword));
        if (answer?.['reason'] === 'INVALID_CREDENTIALS') looked += 1;
      }
      gate.close();
      const { done } = await fill();
      expect(failure(await signIn(app, username, wrongPassword))).toEqual(busy);
      gate.open();
      await done;
    }
    expect(looked).toBe(5);
  });

  test('a full queue takes back the guess of the request that makes room, and no other', async () => {
    const app = await start();
    const { username, accessToken } = await register(app);
    const owners = eq(guesses.userId, claimsOf(accessToken)['sub'] as string);
    const lookedIn: number[] = [];
    for (let round = 0; round < 6; round++) {
      const before = lookedIn.reduce((sum, each) => sum + each, 0);
      gate.close();
      const attempts = [0, 1, 2].map(() => signIn(app, username, wrongPassword));
      const come = (network: string) =>
        hashQueue
          .enter({ network, account: null, onGone: () => () => {} }, (turn) =>
            hashPassword('another', turn),
          )
          .catch(() => null);
      const others = Array.from({ length: full - 3 }, (_, index) => come(`network ${index}`));
      await eventually(async () => {
        const [row] = await app.database.select().from(guesses).where(owners);
        expect(row?.failures).toBe(Math.min(before + 3, 5));
      });
      const late = come('late');
      await settled();
      gate.open();
      const answers = (await Promise.all(attempts)).map((answer) => failure(answer)?.['reason']);
      lookedIn.push(answers.filter((reason) => reason === 'INVALID_CREDENTIALS').length);
      await Promise.all([...others, late]);
    }
    expect(lookedIn).toEqual([2, 2, 1, 0, 0, 0]);
  });
});

test('a client that disconnects leaves the queue, and its guess is not counted', async () => {
  const app = await start();
  const { username } = await register(app);
  const address = await app.http.listen({ port: 0 });
  gate.close();
  const others = Array.from({ length: atOnce }, () => hashPassword('another'));
  await settled();
  for (let count = 0; count < 10; count++) {
    const controller = new AbortController();
    const variables = { name: username, p: wrongPassword };
    const gone = fetch(`${address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: mutations.login, variables }),
      signal: controller.signal,
    });
    const counted = () => app.database.$count(guesses, eq(guesses.failures, 1));
    await eventually(async () => expect(await counted()).toBe(2));
    controller.abort();
    await expect(gone).rejects.toThrow();
    await eventually(async () => expect(await counted()).toBe(0));
  }
  gate.open();
  await Promise.all(others);
  expect(gate.begun).not.toContain(wrongPassword);
  for (let count = 0; count < 5; count++) {
    const answer = await signIn(app, username, wrongPassword, '127.0.0.1');
    expect(failure(answer)).toEqual(refusals.invalidCredentials);
  }
});

test.each([
  [
    'register',
    'mutation ($text: String!) { register(username: "bob", password: $text) { fresh } }',
  ],
  ['login', 'mutation ($text: String!) { login(username: "bob", password: $text) { fresh } }'],
  ['freshLogin', 'mutation ($text: String!) { freshLogin(password: $text) { fresh } }'],
])('a password of 10 KB is refused by %s without a hash', async (_field, query) => {
  const app = await start();
  const { accessToken: token } = await register(app);
  expect(gate.begun).not.toEqual([]);
  gate.begun.length = 0;
  const answer = await app.ask(query, { token, variables: { text: 'x'.repeat(10_240) } });
  expect(failure(answer)).toMatchObject({
    code: 'BAD_USER_INPUT',
    argument: 'password',
    message: 'A password has at most 256 characters.',
  });
  expect(gate.begun).toEqual([]);
});
