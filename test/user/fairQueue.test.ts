import { describe, expect, test } from 'vitest';
import { createFairQueue, type Visitor } from '../../src/user/fairQueue.ts';

const busy = {
  message: 'Too many attempts. Try again in 1 seconds.',
  extensions: { code: 'RATE_LIMITED', retryAfter: 1 },
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A queue whose turns end when they are told to, and what became of each visit, by its name. */
function startQueue(limits: { atOnce: number; room: number; share: number }) {
  const queue = createFairQueue(limits);
  const begun: string[] = [];
  const refused: string[] = [];
  const ends: (() => void)[] = [];
  const leave = new Map<string, () => void>();
  return {
    begun,
    refused,
    leave: (name: string) => leave.get(name)?.(),
    /** Comes as `network/account/which`; the account `-` is none. */
    async come(...names: string[]) {
      for (const name of names) {
        const [network = '', account = ''] = name.split('/');
        const visitor: Visitor = {
          network,
          account: account === '-' ? null : `${network} ${account}`,
          onGone(listener) {
            leave.set(name, listener);
            return () => void leave.delete(name);
          },
        };
        const work = async () => {
          begun.push(name);
          await new Promise<void>((resolve) => void ends.push(resolve));
        };
        queue
          .enter(visitor, (turn) => turn(work))
          .catch((error) => {
            expect(error).toMatchObject(busy);
            refused.push(name);
          });
        await settled();
      }
    },
    async end(count = 1) {
      for (let index = 0; index < count; index++) {
        ends.shift()?.();
        await settled();
      }
    },
  };
}

const many = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}/${index}`);

describe('turns', () => {
  test.each([1, 2, 3])('run %i together', async (atOnce) => {
    const queue = startQueue({ atOnce, room: 10, share: 10 });
    await queue.come(...many('home/ada', 5));
    expect(queue.begun).toEqual(many('home/ada', atOnce));
    await queue.end(5);
    expect(queue.begun).toEqual(many('home/ada', 5));
  });

  test('go around the networks, within a network around its accounts, and within an account by arrival', async () => {
    const queue = startQueue({ atOnce: 1, room: 20, share: 20 });
    await queue.come(...many('office/eve', 4), ...many('office/mallory', 2));
    await queue.come('home/ada/0', 'hotel/grace/0', 'home/ada/1');
    await queue.end(9);
    expect(queue.begun).toEqual([
      'office/eve/0',
      'office/eve/1',
      'home/ada/0',
      'hotel/grace/0',
      'office/mallory/0',
      'home/ada/1',
      'office/eve/2',
      'office/mallory/1',
      'office/eve/3',
    ]);
  });

  test('come to waiting requests, however many new networks arrive', async () => {
    const queue = startQueue({ atOnce: 1, room: 50, share: 50 });
    await queue.come('office/eve/0', 'office/eve/1', 'office/eve/2');
    for (let index = 0; index < 10; index++) {
      await queue.come(`new-${index}/a/0`);
      await queue.end();
    }
    expect(queue.begun.slice(0, 5)).toEqual([
      'office/eve/0',
      'office/eve/1',
      'new-0/a/0',
      'office/eve/2',
      'new-1/a/0',
    ]);
  });

  test('that fail start the next turn, and free their room', async () => {
    const queue = createFairQueue({ atOnce: 1, room: 2, share: 2 });
    const visitor: Visitor = { network: 'home', account: 'ada', onGone: () => () => {} };
    const fail = () =>
      queue.enter(visitor, (turn) =>
        turn(async () => {
          throw new Error('broken');
        }),
      );
    for (let round = 0; round < 3; round++) {
      const results = await Promise.allSettled([fail(), fail()]);
      expect(
        results.map((result) => result.status === 'rejected' && result.reason.message),
      ).toEqual(['broken', 'broken']);
    }
  });
});

describe('room', () => {
  test('is limited to a share for one account, from any network', async () => {
    const queue = createFairQueue({ atOnce: 1, room: 10, share: 3 });
    const come = (network: string) =>
      queue.enter({ network, account: 'ada', onGone: () => () => {} }, (turn) =>
        turn(() => new Promise<never>(() => {})),
      );
    for (const network of ['one', 'two', 'three']) void come(network);
    await expect(come('four')).rejects.toMatchObject(busy);
  });

  test('has no share for requests without an account', async () => {
    const queue = startQueue({ atOnce: 1, room: 10, share: 3 });
    await queue.come(...many('home/-', 10));
    expect(queue.refused).toEqual([]);
    await queue.come('home/-/10');
    expect(queue.refused).toEqual(['home/-/10']);
  });

  test('that one network fills is given, from its youngest requests, to other networks until they have as much', async () => {
    const queue = startQueue({ atOnce: 1, room: 6, share: 6 });
    await queue.come(...many('office/eve', 6), ...many('home/ada', 4));
    expect(queue.refused).toEqual(['office/eve/5', 'office/eve/4', 'office/eve/3', 'home/ada/3']);
  });

  test('that one account fills is given to other accounts of its network until they have as much', async () => {
    const queue = startQueue({ atOnce: 1, room: 6, share: 6 });
    await queue.come(...many('office/eve', 6), ...many('office/bob', 4));
    expect(queue.refused).toEqual(['office/eve/5', 'office/eve/4', 'office/eve/3', 'office/bob/3']);
  });

  test('is not taken from a request whose turn has begun', async () => {
    const queue = startQueue({ atOnce: 3, room: 3, share: 3 });
    await queue.come(...many('office/eve', 3), 'home/ada/0');
    expect(queue.refused).toEqual(['home/ada/0']);
    await queue.end();
    await queue.come('home/ada/1');
    expect(queue.begun).toEqual([...many('office/eve', 3), 'home/ada/1']);
  });

  test('of a disconnected client is free, and its turn never begins', async () => {
    const queue = startQueue({ atOnce: 1, room: 3, share: 3 });
    await queue.come(...many('home/ada', 3));
    queue.leave('home/ada/1');
    await settled();
    expect(queue.refused).toEqual(['home/ada/1']);
    await queue.come('home/ada/3');
    await queue.end(3);
    expect(queue.begun).toEqual(['home/ada/0', 'home/ada/2', 'home/ada/3']);
  });

  test('of a client that disconnects during its turn is free when the turn ends', async () => {
    const queue = startQueue({ atOnce: 1, room: 1, share: 1 });
    await queue.come('home/ada/0');
    queue.leave('home/ada/0');
    await queue.come('hotel/grace/0');
    expect(queue.refused).toEqual(['hotel/grace/0']);
    await queue.end();
    await queue.come('hotel/grace/1');
    expect(queue.begun).toEqual(['home/ada/0', 'hotel/grace/1']);
  });
});

test('a client that has disconnected before its turn gets no turn', async () => {
  const queue = createFairQueue({ atOnce: 1, room: 1, share: 1 });
  let leave = () => {};
  const visitor: Visitor = {
    network: 'home',
    account: null,
    onGone(listener) {
      leave = listener;
      return () => {};
    },
  };
  let worked = false;
  const visit = queue.enter(visitor, async (turn) => {
    await settled();
    await turn(async () => {
      worked = true;
    });
  });
  leave();
  await expect(visit).rejects.toMatchObject(busy);
  expect(worked).toBe(false);
});
