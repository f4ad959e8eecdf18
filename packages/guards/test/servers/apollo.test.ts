import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../src/index.ts';
import { useGate as useApollo } from '../../src/servers/apollo.ts';
import { type Answer, post } from './ask.ts';
import {
  admin,
  market,
  openMarket,
  plain,
  reasonOf,
  startApollo,
  stopServers,
} from './ownServers.ts';

beforeEach(openMarket);
afterEach(stopServers);

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
