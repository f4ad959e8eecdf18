import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import Fastify from 'fastify';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { mercurius } from 'mercurius';
import { WebSocketServer } from 'ws';
import { useGate as useApollo } from '../../src/servers/apollo.ts';
import { useGate as useGraphqlWs } from '../../src/servers/graphqlWs.ts';
import { useGate as useMercurius } from '../../src/servers/mercurius.ts';
import { useGate as useYoga } from '../../src/servers/yoga.ts';
import type { Market } from './market.ts';

export interface Started {
  /** Where operations are taken over HTTP, and over a WebSocket; null where they are not. */
  readonly http: string | null;
  readonly socket: string | null;
  stop(): Promise<void>;
}

const context = () => ({ tenant: 'acme' });

/** Each server as its users start it, with batches where it has them. */
export const servers: Readonly<Record<string, (market: Market) => Promise<Started>>> = {
  async Yoga({ gate }) {
    const plugins = [useYoga(gate)];
    const yoga = createYoga({
      schema: gate.schema,
      batching: true,
      logging: false,
      context,
      plugins,
    });
    const { port, stop } = await listen(createServer(yoga));
    return { http: `http://127.0.0.1:${port}/graphql`, socket: null, stop };
  },
  async Apollo({ gate }) {
    const server = new ApolloServer({
      schema: gate.schema,
      plugins: [useApollo(gate)],
      allowBatchedHttpRequests: true,
      csrfPrevention: false,
    });
    const { url } = await startStandaloneServer(server, {
      listen: { host: '127.0.0.1', port: 0 },
      context: async () => context(),
    });
    return { http: url, socket: null, stop: () => server.stop() };
  },
  Mercurius: (market) => startMercurius(market),
  'Mercurius with jit': (market) => startMercurius(market, { jit: 1 }),
  async 'graphql-ws'({ gate }) {
    const server = createServer();
    const sockets = new WebSocketServer({ server, path: '/graphql' });
    useServer(useGraphqlWs(gate, { context }), sockets);
    const { port, stop } = await listen(server);
    const end = async () => {
      for (const socket of sockets.clients) socket.terminate();
      await stop();
    };
    return { http: null, socket: `ws://127.0.0.1:${port}/graphql`, stop: end };
  },
};

async function startMercurius({ gate }: Market, options: { jit?: number } = {}): Promise<Started> {
  const app = Fastify();
  await app.register(useMercurius(gate));
  await app.register(mercurius, {
    schema: gate.schema,
    allowBatchedQueries: true,
    subscription: { context, fullWsTransport: true },
    context,
    ...options,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const http = `${url}/graphql`;
  return { http, socket: http.replace('http', 'ws'), stop: async () => await app.close() };
}

async function listen(server: ReturnType<typeof createServer>) {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  };
  return { port, stop };
}
