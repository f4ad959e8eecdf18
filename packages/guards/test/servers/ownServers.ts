import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import Fastify, { type FastifyInstance } from 'fastify';
import { createYoga } from 'graphql-yoga';
import { mercurius } from 'mercurius';
import { useGate as useApollo } from '../../src/servers/apollo.ts';
import { useGate as useMercurius } from '../../src/servers/mercurius.ts';
import { useGate as useYoga } from '../../src/servers/yoga.ts';
import type { Answer } from './ask.ts';
import { authorizationOf, createMarket, type Market } from './market.ts';

export const stops: (() => Promise<unknown>)[] = [];
/** The market of the test that runs, and the headers of two of its callers. */
export let market: Market;
export let plain: string;
export let admin: string;

/** Opens the market of the next test. */
export function openMarket(): void {
  market = createMarket();
  plain = authorizationOf('plain', market.gate) ?? '';
  admin = authorizationOf('admin', market.gate) ?? '';
}

/** Stops the servers of the last test. */
export async function stopServers(): Promise<void> {
  for (const stop of stops.splice(0)) await stop();
}

export async function serve(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stops.push(async () => server.close() && server.closeAllConnections());
  return (server.address() as AddressInfo).port;
}

export async function startYoga(options: Partial<Parameters<typeof createYoga>[0]> = {}) {
  const yoga = createYoga({
    schema: market.gate.schema,
    logging: false,
    plugins: [useYoga(market.gate)],
    ...options,
  });
  return { url: `http://127.0.0.1:${await serve(createServer(yoga))}/graphql`, yoga };
}

export async function startApollo(
  options: object = {},
  context: (given: { req: unknown }) => object = () => ({}),
) {
  const server = new ApolloServer({
    schema: market.gate.schema,
    plugins: [useApollo(market.gate)],
    csrfPrevention: false,
    ...options,
  });
  const started = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: async (given) => context(given),
  });
  stops.push(() => server.stop());
  return { url: started.url, server };
}

export async function startMercurius(
  options: object = {},
  prepare: (app: FastifyInstance) => void = () => {},
) {
  const app = Fastify();
  stops.push(async () => await app.close());
  await app.register(useMercurius(market.gate));
  await app.register(mercurius, { schema: market.gate.schema, ...options });
  prepare(app);
  return { url: `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`, app };
}

/** Two lines of one header, which `fetch` would join. */
export async function sendTwice(url: string, authorization: readonly string[]): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization };
    const sent = request(url, { method: 'POST', headers: headers as never }, (response) => {
      response
        .setEncoding('utf8')
        .toArray()
        .then((parts) => resolve(JSON.parse(parts.join(''))));
    });
    sent.on('error', reject).end(JSON.stringify({ query: '{ me }' }));
  });
}

export const reasonOf = ({ errors }: Answer) => errors?.[0]?.extensions?.reason;
