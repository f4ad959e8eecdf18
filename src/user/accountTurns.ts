import { isOutage } from '../database/outage.ts';
import { createFairQueue, type FairQueue, type Visitor } from './fairQueue.ts';

/**
 * Does work that waits for rows of an account, in a turn of that account.
 *
 * @throws RATE_LIMITED when too many wait already, or the client has gone; what the database said, when that failed
 * while others of the account worked
 */
export type AccountTurns = <Result>(
  account: string,
  visitor: Visitor,
  work: () => Promise<Result>,
) => Promise<Result>;

interface Account {
  readonly queue: FairQueue;
  visits: number;
  /** How the database failed those who had their turn before. */
  outage: unknown;
}

// As many as a page sends at once when somebody selects all entries of a list.
const room = 100;
const share = 64;

/**
 * Makes turns in which the work of one account comes one after the other. All of it waits for the same rows, and what
 * waits in the database holds a connection that others need: what waits here holds none. Networks take turns, within a
 * network sessions do, so that whoever floods an account does not keep its owner out. The turns are those of one node:
 * between nodes, the locks of the database decide.
 *
 * When the database fails, everybody who waits is told at once: otherwise each would find out in its own turn.
 */
export function createAccountTurns(): AccountTurns {
  const accounts = new Map<string, Account>();

  function find(key: string): Account {
    const found = accounts.get(key);
    if (found) return found;
    const account = {
      queue: createFairQueue({ atOnce: 1, room, share }),
      visits: 0,
      outage: null,
    };
    accounts.set(key, account);
    return account;
  }

  return async (key, visitor, work) => {
    const account = find(key);
    const leave = () => {
      if (accounts.get(key) === account) accounts.delete(key);
    };
    account.visits += 1;
    try {
      return await account.queue.enter(visitor, (turn) =>
        turn(async () => {
          if (account.outage !== null) throw account.outage;
          try {
            return await work();
          } catch (error) {
            if (isOutage(error)) {
              account.outage = error;
              // Whoever comes from now on tries the database anew.
              leave();
            }
            throw error;
          }
        }),
      );
    } finally {
      account.visits -= 1;
      if (account.visits === 0) leave();
    }
  };
}
