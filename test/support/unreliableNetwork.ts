import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What becomes of what the database sends and is sent: it passes, vanishes without a word, vanishes on connections that
 * are there already, is cut off with a reset, comes as nonsense, or comes late.
 */
export type Weather =
  | 'fine'
  | 'swallows'
  | 'forgets'
  | 'resets'
  | 'garbles'
  | { readonly delayMilliseconds: number };

export interface UnreliableNetwork {
  readonly port: number;
  /** Changes the weather for what is connected and what will be. What was swallowed stays lost. */
  set(weather: Weather): void;
  /** How many connections were made since the start. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** A proxy in front of a server that does to its connections what networks do. */
export async function startUnreliableNetwork(to: {
  host: string;
  port: number;
}): Promise<UnreliableNetwork> {
  let weather: Weather = 'fine';
  let count = 0;
  const pairs = new Set<readonly [Socket, Socket]>();
  // A connection of which something was swallowed is out of step for ever.
  const dead = new WeakSet<Socket>();

  function pass(from: Socket, into: Socket, isAnswer: boolean): void {
    from.on('error', () => into.destroy());
    from.on('close', () => into.destroy());
    from.on('data', (data) => {
      if (weather === 'swallows' || dead.has(from)) {
        dead.add(from).add(into);
      } else if (weather === 'resets') {
        from.resetAndDestroy();
      } else if (weather === 'garbles' && isAnswer) {
        into.write(garbage(data.length));
      } else if (typeof weather === 'object') {
        setTimeout(() => into.write(data), weather.delayMilliseconds);
      } else {
        into.write(data);
      }
    });
  }

  const server = createServer((client) => {
    count += 1;
    const database = connect(to);
    const pair = [client, database] as const;
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    pass(client, database, false);
    pass(database, client, true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    set(next) {
      weather = next;
      for (const [client, database] of pairs) {
        if (next === 'forgets') dead.add(client).add(database);
        if (next === 'resets') client.resetAndDestroy();
      }
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await closed;
    },
  };
}

// Messages of Postgres whose contents are too short for their kind, so that reading them fails, and then anything.
function garbage(length: number): Buffer {
  const message = Buffer.from('D\0\0\0\x04');
  return Buffer.concat([message, Buffer.alloc(length, 'Z\0\xff')]);
}
