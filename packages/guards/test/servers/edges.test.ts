import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeExecutableSchema } from '@graphql-tools/schema';
import Fastify, { type FastifyInstance } from 'fastify';
import { type ExecutionArgs, extendSchema, GraphQLError, parse } from 'graphql';
import { createClient, type ServerOptions } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { mercurius } from 'mercurius';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createGate, type GateContext } from '../../src/index.ts';
import { useGate as useApollo } from '../../src/servers/apollo.ts';
import { useGate as useGraphqlWs } from '../../src/servers/graphqlWs.ts';
import { useGate as useMercurius } from '../../src/servers/mercurius.ts';
import { useGate as useYoga } from '../../src/servers/yoga.ts';
import { type Answer, post, talk } from './ask.ts';
import { authorizationOf, createMarket, type Market } from './market.ts';

const stops: (() => Promise<unknown>)[] = [];
let market: Market;
let plain: string;
let admin: string;
beforeEach(() => {
  market = createMarket();
  plain = authorizationOf('plain', market.gate) ?? '';
  admin = authorizationOf('admin', market.gate) ?? '';
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stops.push(async () => server.close() && server.closeAllConnections());
  return (server.address() as AddressInfo).port;
}

async function startYoga(options: Partial<Parameters<typeof createYoga>[0]> = {}) {
  const yoga = createYoga({
    schema: market.gate.schema,
    logging: false,
    plugins: [useYoga(market.gate)],
    ...options,
  });
  return { url: `http://127.0.0.1:${await serve(createServer(yoga))}/graphql`, yoga };
}

async function startApollo(
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

async function startMercurius(
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
async function sendTwice(url: string, authorization: readonly string[]): Promise<Answer> {
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

const reasonOf = ({ errors }: Answer) => errors?.[0]?.extensions?.reason;

describe('two Authorization lines are an invalid token', () => {
  test.each([
    ['Yoga', async () => (await startYoga()).url],
    ['Mercurius', async () => (await startMercurius()).url],
    [
      'Apollo, whose context has the request',
      async () => (await startApollo({}, ({ req }) => ({ req }))).url,
    ],
  ])('%s', async (_name, start) => {
    const url = await start();
    expect(reasonOf(await sendTwice(url, [plain, admin]))).toBe('TOKEN_INVALID');
    expect((await sendTwice(url, [plain])).data).toEqual({ me: 'me' });
  });
});

describe('a schema that was extended after it was guarded', () => {
  const open = () =>
    extendSchema(market.gate.schema, parse('extend type Query { more: String @auth }'));
  const problem = /Query\.more is served without the guard of @auth/;

  test('is refused by Yoga', async () => {
    expect(() => createYoga({ schema: open(), plugins: [useYoga(market.gate)] })).toThrow(problem);
  });
  test('is refused by Apollo', async () => {
    await expect(startApollo({ schema: open() })).rejects.toThrow(problem);
  });
  test('is refused by Mercurius', async () => {
    await expect(startMercurius({ schema: open() })).rejects.toThrow(problem);
  });
  test('is refused by graphql-ws', async () => {
    const given = useGraphqlWs(market.gate, {
      onSubscribe: () => ({ schema: open(), document: parse('{ me }') }),
    });
    const asked = given.onSubscribe?.({ extra: {} } as never, '1', { query: '{ me }' });
    await expect(asked).rejects.toThrow(problem);
  });
  test('runs no resolver when Mercurius gets it later', async () => {
    const { url, app } = await startMercurius();
    app.graphql.replaceSchema(open());
    const { status, body } = await post(url, { query: '{ time more }' }, { authorization: plain });
    expect(status).toBe(200);
    expect((body as Answer).data ?? null).toBeNull();
    expect(market.ran).toEqual([]);
  });
});

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

describe('Apollo', () => {
  test('takes the caller of an operation without a request from the context', async () => {
    const { server } = await startApollo();
    const ask = async (contextValue: object) => {
      const { body } = await server.executeOperation({ query: '{ me }' }, { contextValue });
      return body.kind === 'single' ? body.singleResult : null;
    };
    expect((await ask({}))?.errors?.[0]?.extensions?.['reason']).toBe('TOKEN_MISSING');
    const authentication = await market.gate.authenticate([plain]);
    expect((await ask({ authentication }))?.data).toEqual({ me: 'me' });
  });

  test('takes the caller of a request from its header, not from the context', async () => {
    const authentication = await market.gate.authenticate([admin]);
    const { url } = await startApollo({}, () => ({ authentication }));
    const { body } = await post(url, { query: '{ me }' }, {});
    expect(reasonOf(body as Answer)).toBe('TOKEN_MISSING');
  });

  test('judges the operations of a document that was not validated', async () => {
    const { url } = await startApollo({ dangerouslyDisableValidation: true });
    const query = 'query A { time } mutation A { open remove }';
    const { body } = await post(url, { query, operationName: 'A' }, { authorization: plain });
    expect(reasonOf(body as Answer)).toBe('ADMIN_REQUIRED');
    expect(market.ran).toEqual([]);
  });

  test('sends no-store with answers that depend on the caller, and keeps cache hints on public answers', async () => {
    const gate = createGate({
      typeDefs: `
        enum CacheControlScope { PUBLIC PRIVATE }
        directive @cacheControl(maxAge: Int, scope: CacheControlScope) on FIELD_DEFINITION
        type Query { time: String @public @cacheControl(maxAge: 60) me: String @auth @cacheControl(maxAge: 60) }
      `,
      resolvers: { Query: { time: () => 'noon', me: () => 'ada' } },
      secret: 'at least 32 bytes, from the environment',
      others: ['cacheControl'],
      loadUser: async ({ sub }) => ({ user: { id: sub }, isAdmin: false }),
    });
    const { url } = await startApollo({
      schema: gate.schema,
      plugins: [useApollo(gate)],
      allowBatchedHttpRequests: true,
    });
    const authorization = `Bearer ${gate.signAccess({ sub: '1', sid: 'a' })}`;
    const cached = async (...queries: readonly string[]) => {
      const all = queries.map((query) => ({ query }));
      const [one = { query: '' }] = all;
      const { headers } = await post(url, all.length > 1 ? all : one, { authorization });
      return headers.get('cache-control');
    };
    expect(await cached('{ time }')).toBe('max-age=60, public');
    expect(await cached('{ me }')).toBe('no-store');
    expect(await cached('{ time me }')).toBe('no-store');
    expect(await cached('{ time }', '{ me }')).toBe('no-store');
    expect(await cached('{ me }', '{ time }')).toBe('no-store');
  });

  test('judges persisted queries for each caller', async () => {
    const { url } = await startApollo();
    const query = 'mutation { open remove }';
    const extensions = {
      persistedQuery: {
        version: 1,
        sha256Hash: (await import('node:crypto')).createHash('sha256').update(query).digest('hex'),
      },
    };
    const first = await post(url, { query, extensions } as never, { authorization: admin });
    expect((first.body as Answer).data).toEqual({ open: 1, remove: 1 });
    market.ran.length = 0;
    const second = await post(url, { extensions } as never, { authorization: plain });
    expect(reasonOf(second.body as Answer)).toBe('ADMIN_REQUIRED');
    expect(market.ran).toEqual([]);
  });
});

describe('Mercurius', () => {
  test('refuses to start when useGate is registered after it or without it', async () => {
    const app = Fastify();
    await app.register(mercurius, { schema: market.gate.schema });
    await expect(app.register(useMercurius(market.gate))).rejects.toThrow(
      'Register useGate before Mercurius.',
    );
    const alone = Fastify();
    await alone.register(useMercurius(market.gate));
    await expect(alone.ready()).rejects.toThrow('Register Mercurius where useGate is registered.');
  });

  test('guards resolvers and loaders from its own options', async () => {
    const { url } = await startMercurius({
      resolvers: { Query: { me: () => 'resolved' } },
      loaders: { Query: { secret: async () => ['loaded'] } },
    });
    const query = '{ time me secret }';
    const nobody = await post(url, { query }, {});
    expect((nobody.body as Answer).data).toEqual({ time: 'time', me: null, secret: null });
    const root = await post(url, { query }, { authorization: admin });
    expect((root.body as Answer).data).toEqual({ time: 'time', me: 'resolved', secret: 'loaded' });
  });

  test('answers a refusal with the errors of a custom errorFormatter', async () => {
    const { url } = await startMercurius({
      errorFormatter: () => ({
        statusCode: 418,
        response: { data: null, errors: [{ message: 'No.' }] },
      }),
    });
    const accept = 'application/graphql-response+json';
    const { status, body } = await post(url, { query: '{ me }' }, { accept });
    expect([status, body]).toEqual([401, { errors: [{ message: 'No.' }] }]);
  });

  test('judges the operation that a custom route runs, not the operation in the body', async () => {
    const { url } = await startMercurius({ routes: false }, (app) => {
      app.post('/graphql', async (_request, reply) =>
        reply.graphql('query Time { time } mutation Remove { open remove }', {}, {}, 'Remove'),
      );
    });
    const body = { query: '{ time }', operationName: 'Time' };
    const refused = await post(url, body, { authorization: plain });
    expect(JSON.stringify(refused.body)).toContain('Administrators only.');
    expect(market.ran).toEqual([]);
    expect((await post(url, body, { authorization: admin })).body).toEqual({
      data: { open: 1, remove: 1 },
    });
  });

  test('does not change the answer of a custom route', async () => {
    const { url } = await startMercurius({ routes: false }, (app) => {
      app.post('/graphql', async (_request, reply) => {
        const answer = await reply.graphql('{ me }').catch(({ message }: Error) => message);
        return { answer, data: null };
      });
    });
    const accept = 'application/graphql-response+json';
    const { status, body } = await post(url, { query: '{ me }' }, { accept });
    const answer = 'Sign in first: no access token was sent.';
    expect([status, body]).toEqual([200, { answer, data: null }]);
  });

  test('judges a document that another hook has put in the place of the sent document', async () => {
    const document = parse('mutation { open remove }');
    const { url } = await startMercurius({}, (app) => {
      app.graphql.addHook('preExecution', async () => ({ document }));
    });
    const { body } = await post(url, { query: 'mutation { open }' }, { authorization: plain });
    expect(reasonOf(body as Answer)).toBe('ADMIN_REQUIRED');
    expect(market.ran).toEqual([]);
  });

  test('judges fragments of a document in JSON under each name by which graphql-js finds them', async () => {
    const { url } = await startMercurius();
    const source = 'mutation { open ...F } fragment F on Mutation { remove }';
    const { definitions } = parse(source, { noLocation: true });
    const json = JSON.stringify({ kind: 'Document', definitions });
    const spread = '"kind":"FragmentSpread","name":{"kind":"Name","value":"F"}';
    expect(json).toContain(spread);
    for (const name of ['"F"', '["F"]', '[["F"]]']) {
      const query = json.replace(spread, spread.replace('"F"', name));
      const { body } = await post(url, { query }, { authorization: plain });
      expect(reasonOf(body as Answer)).toBe('ADMIN_REQUIRED');
    }
    expect(market.ran).toEqual([]);
  });

  test('answers 400 to a document with too many operations to judge, and runs none', async () => {
    const { url } = await startMercurius();
    const names = Array.from({ length: 12_000 }, (_, index) => `query A${index}{time}`);
    const body = { query: names.join(' '), operationName: 'A7' };
    const accept = 'application/graphql-response+json';
    const answer = await post(url, body, { accept });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(JSON.stringify(answer.body)).toContain('too many to judge them all');
    expect(market.ran).toEqual([]);
  });

  test('opens no event source for a refused document that was not validated', async () => {
    const { url } = await startMercurius({ subscription: true });
    const query =
      'subscription A { openTicks } subscription A { ticks } fragment F on Subscription { ...F ticks }';
    const [answer] = await talk(url.replace('http', 'ws'), { query, operationName: 'A' }, {});
    expect(reasonOf(answer ?? {})).toBe('TOKEN_MISSING');
    expect(market.ran).toEqual([]);
  });
});

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

test('a schema without guards is refused by every first door', () => {
  const schema = makeExecutableSchema({ typeDefs: 'type Query { all: Int }' });
  expect(() => createYoga({ schema, plugins: [useYoga(market.gate)] })).toThrow(
    'This schema has no guards',
  );
});
