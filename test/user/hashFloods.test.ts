import { and, eq } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { guesses } from '../../src/throttle/table.ts';
import { hashPassword } from '../../src/user/password.ts';
import { type Account, claimsOf, register } from '../support/account.ts';
import { type Answer, failure, password, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import {
  atOnce,
  busy,
  full,
  home,
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

describe('a flood', () => {
  type Attack = (app: TestApp, index: number, account: Account) => Promise<Answer>;
  const share = 40;
  const floods: [string, number, number, Attack][] = [
    [
      'changePassword by one account',
      share,
      atOnce,
      (app, index, { accessToken: token }) =>
        send(app, mutations.changePassword, { token, variables: { p: `${password} ${index}` } }),
    ],
    [
      'freshLogin by one account',
      share,
      atOnce,
      (app, _index, { accessToken: token }) =>
        send(app, mutations.freshLogin, { token, variables: { p: wrongPassword } }),
    ],
    [
      'freshLogin by one account from everywhere',
      share,
      share,
      (app, index, { accessToken: token }) => {
        const from = `198.51.${index}.1`;
        return send(app, mutations.freshLogin, { token, from, variables: { p: wrongPassword } });
      },
    ],
    [
      'login by made-up names',
      full,
      atOnce,
      (app, index) => signIn(app, `nobody-${index}`, wrongPassword),
    ],
    [
      'register by made-up names',
      full,
      atOnce,
      (app, index) =>
        send(app, mutations.register, { variables: { name: `new-${index}`, p: wrongPassword } }),
    ],
    ['login to one name', share, atOnce, (app) => signIn(app, 'nobody-at-all', wrongPassword)],
  ];

  /** Begins 100 attacks, and is done when what has no room is refused. */
  async function flood(inside: number, attack: (index: number) => Promise<Answer>) {
    gate.close();
    const refused: Answer[] = [];
    const answers = Array.from({ length: 100 }, async (_, index) => {
      const answer = await attack(index);
      if (gate.closed) refused.push(answer);
    });
    await eventually(() => expect(refused).toHaveLength(100 - inside));
    await eventually(() => expect(gate.waiting).toHaveLength(atOnce));
    expect(refused.map(failure)).toEqual(Array(100 - inside).fill(busy));
    return { done: Promise.all(answers) };
  }

  /** Signs in from each of some addresses, and lets the queue go on when all of it waits. */
  async function enterBetween(app: TestApp, { username, accessToken }: Account, from: string[]) {
    const entering = from.map((address) => signIn(app, username, password, address));
    const userId = claimsOf(accessToken)['sub'] as string;
    const counted = and(eq(guesses.userId, userId), eq(guesses.failures, from.length));
    await eventually(async () => expect(await app.database.$count(guesses, counted)).toBe(1));
    const before = gate.begun.length;
    gate.open();
    const answers = await Promise.all(entering);
    expect(answers.map(({ data }) => data)).toEqual(
      Array(from.length).fill({ login: { fresh: true } }),
    );
    return gate.begun.indexOf(password, before) - before;
  }

  test.each(floods)(
    'of %s, of which %i have room, takes %i turns at most before others',
    async (_what, inside, turns, attack) => {
      const app = await start({ RATE_LIMIT_ACCOUNT: '50' });
      const [attacker, owner] = [await register(app), await register(app)];
      const { done } = await flood(inside, (index) => attack(app, index, attacker));
      const before = await enterBetween(app, owner, ['203.0.113.1', '2001:db8::1']);
      expect(before).toBeLessThanOrEqual(turns);
      await done;
    },
  );

  test('of one account leaves turns to other accounts of its network', async () => {
    const app = await start();
    const [attacker, owner] = [await register(app), await register(app)];
    const { accessToken: token } = attacker;
    const { done } = await flood(share, (index) =>
      send(app, mutations.changePassword, { token, variables: { p: `${password} ${index}` } }),
    );
    expect(await enterBetween(app, owner, [home])).toBeLessThanOrEqual(atOnce);
    await done;
  });

  test.each(['register', 'changePassword'] as const)(
    'of easy passwords to %s is judged in turns, and takes few turns before others',
    async (field) => {
      const app = await start();
      const [attacker, owner] = [await register(app), await register(app)];
      gate.close();
      const others = Array.from({ length: atOnce }, () => hashPassword('another'));
      await settled();
      const { accessToken: token } = attacker;
      const answered: number[] = [];
      const attacks = Array.from({ length: 30 }, async (_, index) => {
        const variables = { name: `new-${index}`, p: 'password12345678' };
        const answer = await send(app, mutations[field], { token, variables });
        answered.push(gate.begun.indexOf(password));
        return answer;
      });
      await enterBetween(app, owner, ['203.0.113.1']);
      const answers = await Promise.all([...attacks, ...others]).then((all) => all.slice(0, 30));
      const argument = field === 'register' ? 'password' : 'newPassword';
      for (const answer of answers as Answer[]) {
        expect(failure(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument });
      }
      const before = answered.filter((position) => position === -1);
      expect(before.length).toBeLessThanOrEqual(2 * atOnce);
    },
  );
});
