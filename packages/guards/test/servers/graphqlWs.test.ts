import { createServer } from 'node:http';
import { GraphQLError, parse } from 'graphql';
import { createClient, type ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createGate, type GateContext } from '../../src/index.ts';
import { useGate as useGraphqlWs } from '../../src/servers/graphqlWs.ts';
import { talk } from './ask.ts';
import { market, openMarket, plain, reasonOf, serve, stopServers, stops } from './ownServers.ts';

beforeEach(openMarket);
afterEach(stopServers);

describe('graphql-ws', () => {
  async function start(own: ServerOptions = {}) {
    const server = createServer();
    const sockets = new WebSocketServer({ server, path: '/graphql' });
    useServer(useGraphqlWs(market.gate, own) as never, sockets);
    const url = `ws://127.0.0.1:${await serve(server)}/graphql`;
    stops.unshift(async () => {
      for (const socket of sockets.clients) socket.terminate();
    });
    return url;
  }

  test.each<[string, Record<string, unknown>, string | undefined]>([
    ['authorization', { authorization: 'PLAIN' }, undefined],
    ['Authorization', { Authorization: 'PLAIN' }, undefined],
    ['headers', { headers: { Authorization: 'PLAIN' } }, undefined],
    ['no token', {}, 'TOKEN_MISSING'],
    ['an empty text', { authorization: '' }, 'TOKEN_MISSING'],
    ['null', { authorization: null }, 'TOKEN_MISSING'],
    ['a number', { authorization: 7 }, 'TOKEN_INVALID'],
    ['an object', { authorization: { token: 'PLAIN' } }, 'TOKEN_INVALID'],
    ['a token without its scheme', { authorization: 'abc' }, 'TOKEN_INVALID'],
    [
      'two spellings of authorization',
      { authorization: 'PLAIN', Authorization: 'PLAIN' },
      'TOKEN_INVALID',
    ],
    [
      'authorization and headers',
      { authorization: 'PLAIN', headers: { authorization: 'PLAIN' } },
      'TOKEN_INVALID',
    ],
  ])('reads the token from connectionParams: %s', async (_title, params, reason) => {
    const given = JSON.parse(JSON.stringify(params).replaceAll('PLAIN', plain));
    const [answer] = await talk(await start(), { query: '{ me }' }, given);
    expect(reasonOf(answer ?? {})).toBe(reason);
    expect(answer?.data).toEqual(reason ? undefined : { me: 'me' });
  });

  test('reads the token from the request that opened the connection', async () => {
    class WithHeader extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, { headers: { authorization: plain } });
      }
    }
    const client = createClient({ url: await start(), webSocketImpl: WithHeader });
    const { value } = await client.iterate({ query: '{ me }' }).next();
    expect(value?.data).toEqual({ me: 'me' });
    await client.dispose();
  });

  test('keeps the errors and the context that onSubscribe returns', async () => {
    const refusing = await start({ onSubscribe: () => [new GraphQLError('Too many.')] });
    const [refused] = await talk(refusing, { query: '{ me }' }, { authorization: plain });
    expect(refused?.errors?.[0]?.message).toBe('Too many.');
    const contextValue = { tenant: 'own' };
    const document = parse('{ tenant }');
    const args = { schema: market.gate.schema, document, contextValue };
    const url = await start({ onSubscribe: () => args });
    const [answer] = await talk(url, { query: '{ time }' }, { authorization: plain });
    expect(answer?.data).toEqual({ tenant: 'own' });
    expect(contextValue).toEqual({ tenant: 'own' });
    const [nobody] = await talk(url, { query: '{ time }' }, {});
    expect(reasonOf(nobody ?? {})).toBe('TOKEN_MISSING');
  });

  test('does not write the caller into a context that all operations share', async () => {
    const context = { tenant: 'shared' };
    const url = await start({ context });
    const [answer] = await talk(url, { query: '{ tenant }' }, { authorization: plain });
    expect(answer?.data).toEqual({ tenant: 'shared' });
    expect(context).toEqual({ tenant: 'shared' });
  });

  test('answers an operation that cannot run with errors, and keeps the connection', async () => {
    const url = await start();
    for (const query of ['{', '{ nothing }', 'query A { time } query B { time }']) {
      const [answer] = await talk(url, { query }, {});
      expect(answer?.errors?.length).toBeGreaterThan(0);
    }
  });

  test('authenticates the caller anew for each operation', async () => {
    const sessions = new Set(['laptop']);
    const gate = createGate({
      typeDefs: 'type Query { me: String @auth }',
      resolvers: {
        Query: {
          me: (_root: unknown, _args: unknown, { authentication }: GateContext) =>
            authentication.status,
        },
      },
      secret: 'at least 32 bytes, from the environment',
      loadUser: async ({ sid }) =>
        sessions.has(sid) ? { user: 'ada', isAdmin: false } : { reason: 'TOKEN_REVOKED' },
    });
    const server = createServer();
    const sockets = new WebSocketServer({ server, path: '/graphql' });
    useServer(useGraphqlWs(gate) as never, sockets);
    const url = `ws://127.0.0.1:${await serve(server)}/graphql`;
    const authorization = `Bearer ${gate.signAccess({ sub: '1', sid: 'laptop' })}`;
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      lazy: false,
    });
    const ask = async () => await client.iterate({ query: '{ me }' }).next();
    expect((await ask()).value?.data).toEqual({ me: 'authenticated' });
    sessions.clear();
    await expect(ask()).rejects.toMatchObject([{ extensions: { reason: 'TOKEN_REVOKED' } }]);
    await client.dispose();
  });
});
