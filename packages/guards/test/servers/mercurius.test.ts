import Fastify from 'fastify';
import { parse } from 'graphql';
import { mercurius } from 'mercurius';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useGate as useMercurius } from '../../src/servers/mercurius.ts';
import { type Answer, post, talk } from './ask.ts';
import {
  admin,
  market,
  openMarket,
  plain,
  reasonOf,
  startMercurius,
  stopServers,
} from './ownServers.ts';

beforeEach(openMarket);
afterEach(stopServers);

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
