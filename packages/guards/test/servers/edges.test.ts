import { makeExecutableSchema } from '@graphql-tools/schema';
import { extendSchema, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useGate as useGraphqlWs } from '../../src/servers/graphqlWs.ts';
import { useGate as useYoga } from '../../src/servers/yoga.ts';
import { type Answer, post } from './ask.ts';
import {
  admin,
  market,
  openMarket,
  plain,
  reasonOf,
  sendTwice,
  startApollo,
  startMercurius,
  startYoga,
  stopServers,
} from './ownServers.ts';

beforeEach(openMarket);
afterEach(stopServers);

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

test('a schema without guards is refused by every first door', () => {
  const schema = makeExecutableSchema({ typeDefs: 'type Query { all: Int }' });
  expect(() => createYoga({ schema, plugins: [useYoga(market.gate)] })).toThrow(
    'This schema has no guards',
  );
});
