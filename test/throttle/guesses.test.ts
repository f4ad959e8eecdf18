import { randomUUID } from 'node:crypto';
import { ne, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenDatabase } from '../../src/database/database.ts';
import { forgetGuesses, type Guess, reserveGuess } from '../../src/throttle/guesses.ts';
import type { Reservation } from '../../src/throttle/reservation.ts';
import { guesses } from '../../src/throttle/table.ts';
import { openTestDatabase } from '../support/database.ts';

const free = 5;
const minute = 60;
const closed = 24 * 60 * minute;

let opened: OpenDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

/** An account that is guessed at, with a clock of its own. */
function newAccount() {
  const username = `user-${randomUUID()}`;
  let now = new Date('2030-01-01T12:00:00.000Z');
  const network = (index: number): Guess['place'] => ({ ip: `10.0.${index}.1`, isKnown: false });
  const known = (index: number): Guess['place'] => ({ ip: `10.1.${index}.1`, isKnown: true });
  const device = (): Guess['place'] => ({ sessionId: randomUUID() });
  const reserve = (place: Guess['place'] = network(0)) =>
    reserveGuess(opened.database, { username, userId: null, place }, free, now);
  return {
    username,
    network,
    known,
    device,
    reserve,
    advance(seconds: number): void {
      now = new Date(now.getTime() + seconds * 1000);
    },
    /** How long the next guess would have to wait; 0 when it may be made. It is not counted. */
    async wait(place?: Guess['place']): Promise<number> {
      try {
        await (await reserve(place)).giveBack();
        return 0;
      } catch (error) {
        return (error as { extensions: { retryAfter: number } }).extensions.retryAfter;
      }
    },
    /** Makes wrong guesses, from as many networks as it takes not to wait. */
    async failFromNetworks(count: number): Promise<void> {
      for (let index = 0; index < count; index++) {
        await reserve(network(100 + Math.floor(index / free)));
      }
    },
  };
}

describe('a guess that is given back', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'after %i others leaves the account as before the guess',
    async (before) => {
      const [one, other] = [newAccount(), newAccount()];
      for (const account of [one, other]) {
        for (let count = 0; count < before; count++) {
          await account.reserve();
          account.advance((await account.wait()) || 1);
        }
      }
      for (let count = 0; count < 3; count++) await (await one.reserve()).giveBack();
      for (let count = 0; count < 3; count++) {
        expect(await one.wait()).toBe(await other.wait());
        await one.reserve();
        await other.reserve();
        expect(await one.wait()).toBe(await other.wait());
        for (const account of [one, other]) account.advance(Math.max(1, await account.wait()));
      }
    },
  );

  test('allows one more guess, however often it is given back', async () => {
    const account = newAccount();
    let looked = 0;
    for (let round = 0; round < 20; round++) {
      const reservations: Reservation[] = [];
      while ((await account.wait()) === 0) reservations.push(await account.reserve());
      // What was looked at stays; one of each round was not.
      const last = reservations.pop();
      looked += reservations.length;
      await last?.giveBack();
      account.advance(1);
    }
    expect(looked).toBe(4);
  });

  test('keeps the window in which the others were made', async () => {
    const account = newAccount();
    for (let count = 0; count < 4; count++) await account.reserve();
    await (await account.reserve()).giveBack();
    account.advance(minute);
    await account.reserve();
    expect(await account.wait()).toBe(minute);
  });

  test('that did not begin a wait ends no wait that another guess began', async () => {
    const account = newAccount();
    const first = await account.reserve();
    for (let count = 0; count < 4; count++) await account.reserve();
    await first.giveBack();
    expect(await account.wait()).toBe(0);
    await account.reserve();
    expect(await account.wait()).toBe(minute);
  });

  test('late, in a later wait, does not end the wait', async () => {
    const account = newAccount();
    for (let count = 0; count < 5; count++) await account.reserve();
    account.advance(minute);
    const late = await account.reserve();
    account.advance(2 * minute);
    await account.reserve();
    await late.giveBack();
    expect(await account.wait()).toBe(4 * minute);
  });

  test('after its window takes no guess from the next window', async () => {
    const account = newAccount();
    const late = await account.reserve();
    account.advance(5 * minute);
    for (let count = 0; count < 4; count++) await account.reserve();
    await late.giveBack();
    await account.reserve();
    expect(await account.wait()).toBe(minute);
  });

  test('after the right password reset the count takes no guess from the new count', async () => {
    const account = newAccount();
    const [late, right] = [await account.reserve(), await account.reserve()];
    await right.forgive();
    for (let count = 0; count < 4; count++) await account.reserve();
    await late.giveBack();
    await account.reserve();
    expect(await account.wait()).toBe(minute);
    const [{ failures } = { failures: null }] = await opened.database
      .select()
      .from(guesses)
      .where(sql`${guesses.key} = ${guesses.account} and ${guesses.failures} = 5`);
    expect(failures).toBe(5);
  });

  test('does not open an account that was closed meanwhile, from a known place', async () => {
    const account = newAccount();
    await account.failFromNetworks(100);
    for (let count = 0; count < 10; count++) {
      await (await account.reserve(account.known(0))).giveBack();
      expect(await account.wait()).toBe(closed);
    }
  });
});

describe('over all networks', () => {
  test('an account has 100 wrong passwords in a row checked, and no more for all its life', async () => {
    const account = newAccount();
    await account.failFromNetworks(100);
    for (const seconds of [0, 15 * minute, closed, 400 * closed]) {
      account.advance(seconds);
      expect(await account.wait(account.network(0))).toBe(closed);
    }
  });

  test('a refused guess leaves no row behind', async () => {
    const account = newAccount();
    await account.failFromNetworks(100);
    const count = () => opened.database.$count(guesses, ne(guesses.key, ''));
    const before = await count();
    for (let index = 0; index < 20; index++) {
      await expect(account.reserve(account.network(index))).rejects.toThrow();
    }
    expect(await count()).toBe(before);
  });

  test.each([50, 200])(
    '%i guesses at once count like guesses one after the other',
    async (count) => {
      const account = newAccount();
      await account.failFromNetworks(60);
      const settled = await Promise.allSettled(
        Array.from({ length: count }, (_, index) => account.reserve(account.network(index))),
      );
      const counted = settled.filter(({ status }) => status === 'fulfilled');
      expect(counted).toHaveLength(40);
      expect(await account.wait(account.network(250))).toBe(closed);
    },
  );

  test('guesses that are given back, forgiven and made at once never exceed 100', async () => {
    const account = newAccount();
    let wrong = 0;
    const act = async (index: number) => {
      const place = account.network(index % 40);
      const reservation = await account.reserve(place).catch(() => null);
      if (index % 3 === 0) await reservation?.giveBack();
      else if (reservation) wrong += 1;
    };
    await Promise.all(Array.from({ length: 160 }, (_, index) => act(index)));
    for (let index = 0; index < 120; index++) await act(3 * index + 1);
    expect(wrong).toBe(100);
  });
});

describe('a place that knows the account', () => {
  test.each(['known', 'device'] as const)(
    '(%s) may try when strangers used up theirs, and has 100 of its own',
    async (kind) => {
      const account = newAccount();
      await account.failFromNetworks(100);
      const place = account[kind](1);
      for (let count = 0; count < 100; count++) {
        account.advance(await account.wait(place));
        await account.reserve(place);
      }
      expect(await account.wait(place)).toBe(closed);
      account.advance(400 * closed);
      expect(await account.wait(place)).toBe(closed);
      expect(await account.wait(account[kind](2))).toBe(0);
    },
  );

  test('counts its guesses for the account too', async () => {
    const account = newAccount();
    for (let count = 0; count < 20; count++) await account.reserve(account.known(count));
    await account.failFromNetworks(80);
    expect(await account.wait()).toBe(closed);
  });
});

describe('the right password', () => {
  test('ends a row of fewer than 100 guesses from any place', async () => {
    const account = newAccount();
    await account.failFromNetworks(99);
    await (await account.reserve(account.known(0))).forgive();
    for (let index = 0; index < 100; index++) await account.reserve(account.network(index));
    expect(await account.wait(account.network(200))).toBe(closed);
  });

  test('as the hundredth guess from an unknown place is accepted, and ends the row', async () => {
    const account = newAccount();
    await account.failFromNetworks(99);
    await (await account.reserve()).forgive();
    expect(await account.wait()).toBe(0);
  });

  test('does not open an account to unknown places that have closed it', async () => {
    const account = newAccount();
    await account.failFromNetworks(100);
    for (let count = 0; count < 3; count++) {
      await (await account.reserve(account.known(0))).forgive();
      expect(await account.wait()).toBe(closed);
    }
  });

  test('keeps the guesses that were counted after it', async () => {
    const account = newAccount();
    const right = await account.reserve(account.known(0));
    await account.failFromNetworks(60);
    await right.forgive();
    for (let index = 0; index < 40; index++) await account.reserve(account.network(index));
    expect(await account.wait()).toBe(closed);
  });

  test('ends the waits of its own place, and of no other', async () => {
    const account = newAccount();
    for (let count = 0; count < 5; count++) {
      for (const place of [account.known(1), account.known(2)]) await account.reserve(place);
    }
    account.advance(minute);
    await (await account.reserve(account.known(1))).forgive();
    await account.reserve(account.known(2));
    expect(await account.wait(account.known(1))).toBe(0);
    expect(await account.wait(account.known(2))).toBe(2 * minute);
  });

  test('of one account does not change the limits of another', async () => {
    const [one, other] = [newAccount(), newAccount()];
    await one.failFromNetworks(100);
    for (let count = 0; count < 5; count++) await one.reserve(one.known(0));
    await (await other.reserve(other.known(0))).forgive();
    expect(await one.wait()).toBe(closed);
    expect(await one.wait(one.known(0))).toBe(minute);
  });
});

test('the guesses at an account are forgotten at all places, and for no other account', async () => {
  const [one, other] = [newAccount(), newAccount()];
  for (const account of [one, other]) {
    await account.failFromNetworks(100);
    for (let count = 0; count < 5; count++) await account.reserve(account.known(0));
  }
  await forgetGuesses(opened.database, one.username);
  expect([await one.wait(), await one.wait(one.known(0))]).toEqual([0, 0]);
  expect([await other.wait(), await other.wait(other.known(0))]).toEqual([closed, minute]);
});
