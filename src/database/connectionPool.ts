import { Socket } from 'node:net';
import pg from 'pg';
import { DatabaseUnreachable } from './outage.ts';

/** How long a pool waits for its database, in milliseconds. */
export interface PoolTimeLimits {
  /** For a new connection. */
  readonly connection: number;
  /** For any connection, when others use all of them. */
  readonly turn: number;
  /** For the answer to a query, on our side. Longer than `statement`: a server that still works answers first. */
  readonly query: number;
  readonly statement: number;
  readonly lock: number;
  /** For a sign of life of a connection that was idle. */
  readonly check: number;
  /** From when on a connection counts as idle. */
  readonly idle: number;
}

export const defaultPoolTimeLimits: PoolTimeLimits = {
  connection: 3_000,
  turn: 5_000,
  query: 4_000,
  statement: 3_000,
  lock: 2_000,
  check: 1_000,
  idle: 2_000,
};

// When the server cannot reach this node, or this node stands still, its locks are held no longer than this.
const idleTransactionMilliseconds = 10_000;
const keepAliveAfterMilliseconds = 10_000;

/**
 * A pool whose connections may break, fall silent or talk nonsense while they are in use or idle: what waits fails as
 * DatabaseUnreachable within the limits, the connection is never used again, and the process and the pool go on.
 */
export class ConnectionPool extends pg.Pool {
  readonly #limits: PoolTimeLimits;
  /** When a connection last answered. */
  readonly #heardAt = new WeakMap<pg.PoolClient, number>();
  /** A connection that has not answered since then may be dead too, like the one that just failed. */
  #doubtedSince = 0;

  constructor(
    config: pg.PoolConfig,
    onBroken: (error: Error) => void,
    limits: PoolTimeLimits = defaultPoolTimeLimits,
  ) {
    super({
      ...config,
      Client: clientWithin(limits.connection),
      connectionTimeoutMillis: limits.turn,
      query_timeout: limits.query,
      statement_timeout: limits.statement,
      lock_timeout: limits.lock,
      idle_in_transaction_session_timeout: idleTransactionMilliseconds,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveAfterMilliseconds,
      stream: () => new CarefulSocket(),
    });
    this.#limits = limits;
    this.on('error', onBroken);
    // The pool listens to idle clients only, and an error that nobody listens to would end the process.
    this.on('connect', (client) => client.on('error', () => {}));
    // The pool's own `query` ends the connection at every error, even at those of statements.
    Object.assign(this, { query: (...given: QueryArguments) => this.#query(given) });
  }

  async #query(given: QueryArguments): Promise<unknown> {
    const client = await this.connect();
    try {
      return await client.query(...given);
    } finally {
      client.release();
    }
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const connecting = this.#connectAlive();
    if (!callback) return connecting;
    connecting.then(
      (client) => callback(undefined, client, client.release),
      (error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }

  // This ends: each connection that is dead leaves the pool, and a new one is alive.
  async #connectAlive(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await super.connect().catch((cause) => {
        throw new DatabaseUnreachable('No connection to the database could be had.', { cause });
      });
      if (await this.#isAlive(client)) return this.#guard(client);
    }
  }

  async #isAlive(client: pg.PoolClient): Promise<boolean> {
    const heardAt = this.#heardAt.get(client) ?? Number.POSITIVE_INFINITY;
    if (heardAt < this.#doubtedSince) {
      client.release(true);
      return false;
    }
    if (performance.now() - heardAt <= this.#limits.idle) return true;
    const askedAt = performance.now();
    const check = { text: 'select 1', query_timeout: this.#limits.check } as pg.QueryConfig;
    return await plainQuery.call(client, check).then(
      () => true,
      (error: Error) => {
        this.#doubtedSince = Math.max(this.#doubtedSince, askedAt);
        client.release(error);
        return false;
      },
    );
  }

  // Drizzle does not release a client whose `begin` fails, so a client whose connection broke releases itself.
  #guard(client: pg.PoolClient): pg.PoolClient {
    const { release } = client;
    let released = false;
    client.release = (problem) => {
      if (released) return;
      released = true;
      client.off('error', client.release);
      release(problem);
    };
    client.on('error', client.release);
    this.#heardAt.set(client, performance.now());
    const query = async (...given: QueryArguments): Promise<unknown> => {
      const askedAt = performance.now();
      try {
        const result = await plainQuery.apply(client, given);
        this.#heardAt.set(client, performance.now());
        return result;
      } catch (error) {
        if (isAnswer(error)) {
          this.#heardAt.set(client, performance.now());
          throw error;
        }
        // A query on a connection that has gone already says nothing about the database.
        if (!released) this.#doubtedSince = Math.max(this.#doubtedSince, askedAt);
        client.release(error as Error);
        throw new DatabaseUnreachable('The database did not answer.', { cause: error });
      }
    };
    return Object.assign(client, { query });
  }
}

// `query` has many forms; this is the one that Drizzle uses.
const plainQuery: (this: pg.Client, ...given: QueryArguments) => Promise<unknown> =
  pg.Client.prototype.query;

type QueryArguments = [query: pg.QueryConfig, values?: unknown[]];

// The pool has one limit for both: who waits for a turn must not wait for as long behind those that get nowhere.
function clientWithin(connectionTimeoutMillis: number) {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis });
    }
  };
}

type ConnectCallback = Parameters<typeof pg.Pool.prototype.connect>[0];

// An error that the server reports has a code of five characters (SQLSTATE). Any other comes from the connection.
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^[0-9A-Z]{5}$/.test(error.code ?? '');
}

/** A socket whose connection ends when a listener throws at what it reads, where the process would end otherwise. */
class CarefulSocket extends Socket {
  override emit(event: string, ...given: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...given);
    try {
      return super.emit(event, ...given);
    } catch (error) {
      this.destroy(error as Error);
      return true;
    }
  }
}
