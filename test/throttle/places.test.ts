import { randomUUID } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { userCommand } from '../../src/commands/user.ts';
import { reserveGuess } from '../../src/throttle/guesses.ts';
import { knownNetworks } from '../../src/throttle/table.ts';
import { users } from '../../src/user/table.ts';
import { claimsOf, login, register } from '../support/account.ts';
import { failure, password, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import {
  advance,
  countFailedSignIns,
  limited,
  send,
  signIn,
  startAppInFrozenTime,
  wrongPassword,
} from './frozenTime.ts';

const day = 24 * 60 * 60;
const closed = limited(day);
const stranger = '203.0.113.1';

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

/** Guesses 5 times from each of 30 networks, and says how each attempt was answered. */
async function guessFromThirtyNetworks(username: string) {
  const answers: unknown[] = [];
  for (let index = 0; index < 150; index++) {
    const from = `198.51.${Math.floor(index / 5)}.${index}`;
    const node = index % 2 === 0 ? app : otherNode;
    answers.push(failure(await signIn(node, { username, from })));
  }
  return answers;
}

/** Counts wrong passwords of strangers, up to the hundredth, without the work of looking at them. */
async function close(username: string, count = 100): Promise<void> {
  for (let index = 0; index < count; index++) {
    const place = { ip: `198.51.${index}.1`, isKnown: false };
    await reserveGuess(app.database, { username, userId: null, place }, 5, new Date());
  }
  expect(failure(await signIn(app, { username, password, from: stranger }))).toEqual(closed);
}

const enters = async (username: string, from: string, token?: string) =>
  failure(await signIn(app, { username, password, from, ...(token && { token }) })) ?? 'entered';

describe('an attacker who guesses from 30 networks', () => {
  test.each([
    ['an account', async () => (await register(app)).username],
    ['a name without an account', async () => `nobody-${randomUUID()}`],
  ])(
    'at %s has 100 guesses checked, and no more, not even the right password',
    async (_what, nameOf) => {
      const username = await nameOf();
      const before = await countFailedSignIns(app);
      const answers = await guessFromThirtyNetworks(username);
      expect(await countFailedSignIns(app)).toBe(before + 100);
      expect(answers.slice(0, 100)).toEqual(Array(100).fill(refusals.invalidCredentials));
      expect(answers.slice(100)).toEqual(Array(50).fill(closed));
      expect(await enters(username, stranger)).toEqual(closed);
    },
  );

  test('does not lock the owner out of a known network or device', async () => {
    const { username, accessToken: token } = await register(app);
    await close(username);
    await guessFromThirtyNetworks(username);
    expect(await enters(username, '127.0.0.99')).toBe('entered');
    expect(await enters(username, stranger, token)).toBe('entered');
  });

  test.each([
    ['one node', () => [app]],
    ['two nodes', () => [app, otherNode]],
  ])('all at once on %s has no more than 100 guesses checked', async (_where, nodesOf) => {
    const { username } = await register(app);
    const nodes = nodesOf();
    const before = await countFailedSignIns(app);
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        Array.from({ length: 40 }, (_, index) => {
          const from = `198.51.${round * 40 + index}.1`;
          return signIn(nodes[index % nodes.length] as TestApp, { username, from });
        }),
      );
    }
    expect(await countFailedSignIns(app)).toBe(before + 100);
    expect(await enters(username, stranger)).toEqual(closed);
  });
});

describe('an account that is closed to unknown places', () => {
  test('stays closed when its owner signs in from a known network, and when time passes', async () => {
    const { username } = await register(app);
    await close(username);
    for (let month = 0; month < 4; month++) {
      expect(await enters(username, '127.0.0.1')).toBe('entered');
      expect(await enters(username, stranger)).toEqual(closed);
      advance(30 * day);
    }
  });

  test('has a limit for each known network and device', async () => {
    const { username, accessToken: token } = await register(app);
    await close(username);
    for (const origin of [{ from: '127.0.0.1' }, { from: stranger, token }]) {
      for (let count = 0; count < 5; count++) {
        const answer = await signIn(app, { username, ...origin });
        expect(failure(answer)).toEqual(refusals.invalidCredentials);
      }
      expect(failure(await signIn(app, { username, password, ...origin }))).toEqual(limited(60));
    }
  });

  test.each<[string, (username: string, token: string) => Promise<unknown>]>([
    [
      'its owner changes the password',
      (_username, token) =>
        app.ask(`mutation { changePassword(newPassword: "${password}") { fresh } }`, { token }),
    ],
    [
      'an administrator enables it',
      async (username) => {
        const { accessToken } = await register(app, { admin: true });
        const [user] = await app.database.select().from(users).where(eq(users.username, username));
        const mutation = `mutation { setUserActive(id: "${user?.id}", active: true) { id } }`;
        return await app.ask(mutation, { token: accessToken });
      },
    ],
    ['the operator enables it', (username) => operate('disable', username, '--off')],
    ['the operator sets the password', (username) => operate('password', username)],
  ])('is open again when %s', async (_what, act) => {
    const { username, accessToken } = await register(app);
    await close(username);
    await act(username, accessToken);
    expect(await enters(username, stranger)).toBe('entered');
  });

  test('is not opened when another account is registered, enabled or changed', async () => {
    const { username } = await register(app);
    await close(username);
    const other = await register(app);
    await app.ask(`mutation { changePassword(newPassword: "${password}") { fresh } }`, {
      token: other.accessToken,
    });
    await operate('disable', other.username, '--off');
    expect(await enters(username, stranger)).toEqual(closed);
  });
});

async function operate(...words: string[]): Promise<void> {
  const command = userCommand((act) =>
    act({
      config: app.config,
      scene: { database: app.database, log: app.http.log, now: new Date(), client: null },
      readPassword: async () => password,
      print: () => {},
    }),
  );
  await command.parseAsync(words, { from: 'user' });
}

test('an account is open although its name was guessed at before the registration', async () => {
  const username = `later-${randomUUID()}`;
  await close(username);
  const query =
    'mutation ($u: String!, $p: String!) { register(username: $u, password: $p) { fresh } }';
  const from = '192.0.2.1';
  await send(app, { query, variables: { u: username, p: password } }, { from });
  expect(await enters(username, stranger)).toBe('entered');
});

describe('a network is known to an account', () => {
  const networks: [string, string, string, string][] = [
    ['IPv4', '192.0.2.7', '192.0.2.250', '192.0.3.7'],
    ['IPv6', '2001:db8:7:1::1', '2001:db8:7:ffff::2', '2001:db8:8::1'],
    ['IPv4 in IPv6', '::ffff:192.0.2.7', '192.0.2.250', '::ffff:192.0.3.7'],
  ];

  test.each(networks)('up to its edge: %s', async (_what, from, near, far) => {
    const { username } = await register(app);
    expect(await enters(username, from)).toBe('entered');
    await close(username);
    expect(await enters(username, near)).toBe('entered');
    expect(await enters(username, far)).toEqual(closed);
  });

  test('for 90 days after a sign-in from it', async () => {
    const { username } = await register(app);
    advance(50 * day);
    expect(await enters(username, '127.0.0.1')).toBe('entered');
    await close(username);
    advance(90 * day - 1);
    expect(await enters(username, '127.0.0.1')).toBe('entered');
    advance(90 * day);
    expect(await enters(username, '127.0.0.1')).toEqual(closed);
  });

  test('after freshLogin from it', async () => {
    const { username, accessToken: token } = await register(app);
    const query = `mutation { freshLogin(password: "${password}") { fresh } }`;
    expect((await send(app, { query }, { from: '192.0.2.1', token })).errors).toEqual([]);
    await close(username);
    expect(await enters(username, '192.0.2.2')).toBe('entered');
  });

  test('not after a wrong password from it', async () => {
    const { username } = await register(app);
    await signIn(app, { username, from: '192.0.2.1', password: wrongPassword });
    await close(username, 99);
    expect(await enters(username, '192.0.2.2')).toEqual(closed);
  });

  test('only for the user who signed in from it', async () => {
    const [one, other] = [await register(app), await register(app)];
    expect(await enters(one.username, '192.0.2.1')).toBe('entered');
    await close(other.username);
    expect(await enters(other.username, '192.0.2.1')).toEqual(closed);
  });

  test('as one of at most 50, of which the one unused for longest is forgotten', async () => {
    const { username, accessToken } = await register(app);
    const userId = claimsOf(accessToken)['sub'] as string;
    advance(60);
    const rows = Array.from({ length: 49 }, (_, index) => ({
      userId,
      network: `10.0.${index}.0/24`,
      enteredAt: new Date(),
    }));
    await app.database.insert(knownNetworks).values(rows);
    advance(60);
    await signIn(app, { username, password, from: '192.0.2.1' });
    const kept = await app.database
      .select()
      .from(knownNetworks)
      .where(eq(knownNetworks.userId, userId))
      .orderBy(desc(knownNetworks.enteredAt));
    expect(kept).toHaveLength(50);
    expect(kept[0]?.network).toBe('192.0.2.0/24');
    expect(kept.map(({ network }) => network)).not.toContain('127.0.0.0/24');
  });

  test('and its row is written once a day', async () => {
    const { username, accessToken } = await register(app);
    const enteredAt = async () => {
      const userId = claimsOf(accessToken)['sub'] as string;
      const rows = await app.database
        .select()
        .from(knownNetworks)
        .where(eq(knownNetworks.userId, userId));
      return rows.map((row) => row.enteredAt.getTime());
    };
    const first = await enteredAt();
    advance(day);
    await login(app, username);
    expect(await enteredAt()).toEqual(first);
    advance(1);
    await login(app, username);
    expect(await enteredAt()).toEqual([(first[0] ?? 0) + (day + 1) * 1000]);
  });
});
