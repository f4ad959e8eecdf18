import pg from 'pg';

/**
 * A pool whose connections may break while they are in use: the statement that waits fails, the process and the pool
 * go on. Drizzle does not give a client back whose `begin` fails, so a broken one gives itself back.
 */
export class ConnectionPool extends pg.Pool {
  constructor(config: pg.PoolConfig, onBroken: (error: Error) => void) {
    super(config);
    this.on('error', onBroken);
    // The pool listens to idle clients only, and an error that nobody listens to would end the process.
    this.on('connect', (client) => client.on('error', () => {}));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback) {
      super.connect(callback);
      return undefined;
    }
    return super.connect().then(releaseWhenBroken);
  }
}

type ConnectCallback = Parameters<typeof pg.Pool.prototype.connect>[0];

function releaseWhenBroken(client: pg.PoolClient): pg.PoolClient {
  const { release } = client;
  let released = false;
  client.release = (problem) => {
    if (released) return;
    released = true;
    client.off('error', client.release);
    release(problem);
  };
  client.on('error', client.release);
  return client;
}
