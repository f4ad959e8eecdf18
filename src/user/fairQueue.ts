import { rateLimited } from '../errors.ts';

/** The client for whom work waits in the queue. */
export interface Visitor {
  /** Takes turns with other networks. */
  readonly network: string;
  /** Takes turns with other accounts of its network, and has a share of the room. Null where there is no account. */
  readonly account: string | null;
  /** Calls a listener when nobody waits for the answer any more; the function that it returns stops that. */
  readonly onGone: (listener: () => void) => () => void;
}

/** Waits for a turn, and does the work in it. */
export type Turn = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface FairQueue {
  /**
   * Does work that needs turns, if there is room for it; otherwise refuses it before any of it begins.
   *
   * @throws RATE_LIMITED, from a turn too: when its client has gone, or its room went to somebody who had less
   */
  enter<Result>(visitor: Visitor, visit: (turn: Turn) => Promise<Result>): Promise<Result>;
}

interface Visit {
  readonly network: string;
  readonly account: string;
  state: 'inside' | 'waiting' | 'gone';
  /** Refuses the turn that is waited for. */
  refuse: (() => void) | null;
}

interface Waiting {
  readonly visit: Visit;
  readonly begin: () => void;
}

/**
 * A queue that nobody can fill for others. Networks take turns; within a network its accounts do; within an account it
 * is first come, first served. `atOnce` turns run together, `room` visits are inside, `share` of them for one account.
 * When it is full, a newcomer with fewer visits takes the room of the newest visit of whoever has most.
 */
export function createFairQueue({
  atOnce,
  room,
  share,
}: {
  atOnce: number;
  room: number;
  share: number;
}): FairQueue {
  const inside = new Set<Visit>();
  // In the order of their next turn: after a turn one goes to the end, and newcomers begin there.
  const networks = new Map<string, Map<string, Waiting[]>>();
  let running = 0;

  function findRoom({ account }: Visitor, visit: Visit): boolean {
    const ofAccount = [...inside].filter((other) => account !== null && other.account === account);
    if (ofAccount.length >= share) return false;
    return inside.size < room || makeRoom(visit);
  }

  function makeRoom(visit: Visit): boolean {
    const sizes = new Map<string, number>();
    const sizeOf = (key: string) => sizes.get(key) ?? 0;
    const networkKey = ({ network }: Visit) => network;
    const accountKey = ({ network, account }: Visit) => `${network} ${account}`;
    for (const other of inside) {
      for (const key of [networkKey(other), accountKey(other)]) sizes.set(key, sizeOf(key) + 1);
    }
    const [largest] = [...inside]
      .reverse()
      .filter(({ state }) => state === 'waiting')
      .filter((other) => {
        // Otherwise their next visit would make them the one with the most visits.
        const keyOf = other.network === visit.network ? accountKey : networkKey;
        return sizeOf(keyOf(other)) > sizeOf(keyOf(visit)) + 1;
      })
      .sort(
        (one, two) =>
          sizeOf(networkKey(two)) - sizeOf(networkKey(one)) ||
          sizeOf(accountKey(two)) - sizeOf(accountKey(one)),
      );
    if (!largest) return false;
    inside.delete(largest);
    turnAway(largest);
    return true;
  }

  function turnAway(visit: Visit): void {
    visit.state = 'gone';
    visit.refuse?.();
  }

  async function waitForTurn<Result>(visit: Visit, work: () => Promise<Result>): Promise<Result> {
    if (visit.state === 'gone') throw rateLimited(1);
    await new Promise<void>((resolve, reject) => {
      visit.state = 'waiting';
      const waiting = { visit, begin: resolve };
      visit.refuse = () => {
        remove(waiting);
        reject(rateLimited(1));
      };
      append(waiting);
      beginNext();
    });
    try {
      return await work();
    } finally {
      running -= 1;
      beginNext();
    }
  }

  function append(waiting: Waiting): void {
    const { network, account } = waiting.visit;
    const accounts = networks.get(network) ?? new Map<string, Waiting[]>();
    networks.set(network, accounts);
    accounts.set(account, [...(accounts.get(account) ?? []), waiting]);
  }

  function remove(waiting: Waiting): void {
    const { network, account } = waiting.visit;
    const accounts = networks.get(network);
    const others = accounts?.get(account)?.filter((other) => other !== waiting) ?? [];
    if (others.length > 0) accounts?.set(account, others);
    else accounts?.delete(account);
    if (accounts?.size === 0) networks.delete(network);
  }

  function beginNext(): void {
    const [network, accounts] = first(networks);
    const [account, [next, ...others] = []] = first(accounts ?? new Map<string, Waiting[]>());
    if (running >= atOnce || !accounts || !next) return;
    running += 1;
    accounts.delete(account as string);
    if (others.length > 0) accounts.set(account as string, others);
    networks.delete(network as string);
    if (accounts.size > 0) networks.set(network as string, accounts);
    next.visit.state = 'inside';
    next.visit.refuse = null;
    next.begin();
  }

  return {
    async enter(visitor, visitQueue) {
      const { network, account, onGone } = visitor;
      const visit: Visit = { network, account: account ?? '', state: 'inside', refuse: null };
      if (!findRoom(visitor, visit)) throw rateLimited(1);
      inside.add(visit);
      const stopListening = onGone(() => turnAway(visit));
      try {
        return await visitQueue((work) => waitForTurn(visit, work));
      } finally {
        stopListening();
        inside.delete(visit);
      }
    },
  };
}

function first<Value>(map: Map<string, Value>): [string, Value] | [] {
  const { value, done } = map.entries().next();
  return done ? [] : value;
}
