import { createServer } from 'node:http';
import type { ExecutionArgs } from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createGate } from '../../src/index.ts';
import { useGate as useYoga } from '../../src/servers/yoga.ts';
import { type Answer, post, talk } from './ask.ts';
import {
  market,
  openMarket,
  plain,
  reasonOf,
  serve,
  startYoga,
  stopServers,
} from './ownServers.ts';

beforeEach(openMarket);
afterEach(stopServers);

describe('Yoga', () => {
  test('adds Authorization to the Vary header beside Origin', async () => {
    const { url } = await startYoga({
      cors: { origin: ['https://shop.example', 'https://b.example'] },
    });
    const headers = { authorization: plain, origin: 'https://shop.example' };
    const answer = await post(url, { query: '{ me }' }, headers);
    expect(answer.headers.get('vary')?.split(', ').toSorted()).toEqual(['Authorization', 'Origin']);
  });

  test('shows refusals to the client although it masks errors', async () => {
    const { url } = await startYoga();
    const { body } = await post(url, { query: '{ me secret }' }, { authorization: plain });
    expect(reasonOf(body as Answer)).toBe('ADMIN_REQUIRED');
  });

  test('answers 500 when a loader fails, without the message of the error', async () => {
    const gate = createGate({
      typeDefs: 'type Query { me: String @auth time: String @public }',
      secret: 'at least 32 bytes, from the environment',
      loadUser: async () => {
        throw new Error('password=hunter2');
      },
    });
    const { url } = await startYoga({ schema: gate.schema, plugins: [useYoga(gate)] });
    const { body, status } = await post(
      url,
      { query: '{ me }' },
      {
        authorization: `Bearer ${gate.signAccess({ sub: '1', sid: 'a' })}`,
      },
    );
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect((body as Answer).data ?? null).toBeNull();
  });

  test('judges operations over a WebSocket at the first door too', async () => {
    const { yoga } = await startYoga();
    type Rooted = ExecutionArgs & { rootValue: { execute: never; subscribe: never } };
    const server = createServer();
    const sockets = new WebSocketServer({ server, path: '/graphql' });
    // As the documentation of Yoga has it.
    useServer(
      {
        execute: (args) => (args as unknown as { rootValue: Enveloped }).rootValue.execute(args),
        subscribe: (args) =>
          (args as unknown as { rootValue: Enveloped }).rootValue.subscribe(args),
        async onSubscribe(context, _id, params) {
          const enveloped = yoga.getEnveloped({
            ...context,
            req: (context.extra as Extra).request,
            socket: (context.extra as Extra).socket,
            params,
          } as never);
          return {
            schema: enveloped.schema,
            operationName: params.operationName,
            document: enveloped.parse(params.query),
            variableValues: params.variables,
            contextValue: await enveloped.contextFactory(),
            rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
          } as unknown as Rooted;
        },
      } as ServerOptions as never,
      sockets,
    );
    const url = `ws://127.0.0.1:${await serve(server)}/graphql`;
    const query = 'subscription { ticks }';
    const [refused] = await talk(url, { query }, {});
    expect(reasonOf(refused ?? {})).toBe('TOKEN_MISSING');
    expect(JSON.stringify(refused)).not.toContain('http');
    expect(market.ran).toEqual([]);
    const [answered] = await talk(url, { query }, { authorization: plain });
    expect(answered?.data).toEqual({ ticks: 1 });
  });
});

interface Enveloped {
  execute(args: unknown): never;
  subscribe(args: unknown): never;
}
