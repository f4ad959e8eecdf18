import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, get, listen, post, talk } from './ask.ts';
import { authorizationOf, createMarket, type Market } from './market.ts';
import { callers, each, type Given, several, toAdmins, toUsers } from './operations.ts';
import { type Started, servers } from './started.ts';

describe.each(Object.entries(servers))('%s', (name, start) => {
  let market: Market;
  let server: Started;
  beforeAll(async () => {
    market = createMarket();
    server = await start(market);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    market.ran.length = 0;
    market.loaded.length = 0;
  });

  const knowsName = !name.startsWith('Mercurius');
  const hasHttp = name !== 'graphql-ws';
  const hasSocket = name === 'graphql-ws' || name.startsWith('Mercurius');

  function expectGiven(answer: Answer, given: Given, ran: readonly string[] = market.ran) {
    if (given === 'no operation') {
      expect(answer.data ?? null).toBeNull();
      expect(answer.errors?.length).toBeGreaterThan(0);
      expect(ran).toEqual([]);
    } else if ('reasons' in given) {
      expect(answer.errors?.map(({ extensions }) => extensions?.reason)).toEqual(given.reasons);
      expect(Object.keys(answer)).toEqual(['errors']);
      expect(ran).toEqual([]);
    } else {
      expect(answer.data).toEqual(given.data);
      expect(ran).toEqual(given.ran);
    }
  }

  function expected({ gives, givesWithoutName, caller }: (typeof each)[number]): Given {
    return (knowsName ? gives : (givesWithoutName ?? gives))(caller);
  }

  test.runIf(hasSocket).each(each)('over a WebSocket, $title: $caller', async (row) => {
    const authorization = authorizationOf(row.caller, market.gate);
    const answers = await talk(server.socket ?? '', row.operation, {
      Authorization: authorization,
    });
    const given = expected(row);
    expect(answers).toHaveLength(1);
    expectGiven(answers[0] ?? {}, given);
  });

  describe.runIf(hasHttp)('over HTTP', () => {
    const overHttp = each.filter(({ isSubscription }) => !isSubscription);
    const json = 'Application/JSON';
    const response = 'application/Graphql-Response+json';

    test.each(overHttp)('under application/json, $title: $caller', async (row) => {
      const authorization = authorizationOf(row.caller, market.gate);
      const { status, headers, body } = await post(server.http ?? '', row.operation, {
        authorization,
        accept: json,
      });
      const given = expected(row);
      expectGiven(body as Answer, given);
      if (given === 'no operation') return;
      expect(status).toBe(200);
      expect(headers.get('www-authenticate')).toBeNull();
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      const isPublic = row.isPublic && (knowsName || !row.operation.operationName);
      expect(/no-store/.test(headers.get('cache-control') ?? '')).toBe(
        !isPublic || name === 'Apollo',
      );
      expect(/\bauthorization\b/i.test(headers.get('vary') ?? '')).toBe(!isPublic);
    });

    test.each(overHttp)('under application/graphql-response+json, $title: $caller', async (row) => {
      const authorization = authorizationOf(row.caller, market.gate);
      const { status, headers, body } = await post(server.http ?? '', row.operation, {
        authorization,
        accept: response,
      });
      const given = expected(row);
      expectGiven(body as Answer, given);
      if (given === 'no operation') return;
      if ('reasons' in given) {
        const isKnown = row.caller === 'plain' || row.caller === 'admin';
        expect(status).toBe(isKnown ? 403 : 401);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="market"/);
        expect(headers.get('content-type')).toMatch(/^application\/graphql-response\+json/);
      } else {
        expect(status).toBe(200);
        expect(headers.get('www-authenticate')).toBeNull();
      }
    });

    test.each(callers)('a query by GET: %s', async (caller) => {
      const authorization = authorizationOf(caller, market.gate);
      const { body } = await get(server.http ?? '', { query: '{ me }' }, { authorization });
      expectGiven(body as Answer, toUsers({ me: 'me' })(caller));
    });

    test.each(callers)('a mutation by GET does not run: %s', async (caller) => {
      const authorization = authorizationOf(caller, market.gate);
      const operation = { query: several, operationName: 'Remove' };
      const { status } = await get(server.http ?? '', operation, { authorization });
      expect(status).toBe(405);
      expect(market.ran).toEqual([]);
    });

    test.each([
      ['application/graphql-response+json;q=0, application/json', 200],
      ['application/graphql-response+json; Q=0.0, */*', 200],
      ['application/json;q=0.5, application/graphql-response+json;q=0.4', 200],
      ['application/json;q=0.4, application/graphql-response+json;q=0.5', 401],
      ['application/graphql-response+json, application/json', 401],
      ['APPLICATION/GRAPHQL-RESPONSE+JSON', 401],
      ['*/*', 200],
      ['application/*', 200],
      [undefined, 200],
    ])('a refusal for Accept %s has the status %i', async (accept, expectedStatus) => {
      const { status, headers, body } = await post(
        server.http ?? '',
        { query: '{ me }' },
        { accept },
      );
      expect(status).toBe(expectedStatus);
      const type = status === 200 ? /^application\/json/ : /^application\/graphql-response\+json/;
      expect(headers.get('content-type')).toMatch(type);
      expectGiven(body as Answer, { reasons: ['TOKEN_MISSING'] });
    });

    test.each(callers)('each operation of a batch is judged by itself: %s', async (caller) => {
      const authorization = authorizationOf(caller, market.gate);
      const operations = [
        { query: '{ time }' },
        { query: 'mutation { open remove }' },
        { query: '{ me }' },
      ];
      const { status, headers, body } = await post(server.http ?? '', operations, {
        authorization,
        accept: response,
      });
      expect(status).toBe(200);
      expect(headers.get('www-authenticate')).toBeNull();
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('vary')).toMatch(/\bAuthorization\b/);
      const [time = {}, remove = {}, me = {}] = body as readonly Answer[];
      expectGiven(time, { data: { time: 'time' }, ran: ['time'] }, ['time']);
      const isAdmin = caller === 'admin';
      expectGiven(remove, toAdmins({ open: 1, remove: 1 }, [])(caller), []);
      expectGiven(me, toUsers({ me: 'me' }, [])(caller), []);
      const known = caller === 'plain' || isAdmin;
      expect(market.ran.toSorted()).toEqual(
        ['time', ...(known ? ['me'] : []), ...(isAdmin ? ['open', 'remove'] : [])].toSorted(),
      );
      // Who it is, is found out once.
      expect(market.loaded.length).toBeLessThanOrEqual(1);
    });

    test('a batch of one operation is answered as a batch', async () => {
      const { status, body } = await post(server.http ?? '', [{ query: '{ me }' }], {
        accept: response,
      });
      expect(status).toBe(200);
      expectGiven((body as readonly Answer[])[0] ?? {}, { reasons: ['TOKEN_MISSING'] });
    });

    test('no user is loaded for a public field', async () => {
      const authorization = authorizationOf('plain', market.gate);
      await post(server.http ?? '', { query: '{ time }' }, { authorization });
      expect(market.loaded).toEqual([]);
    });

    test('the same document is judged again for each caller', async () => {
      const query = 'mutation Again { open remove }';
      for (const caller of ['admin', 'plain', 'admin', 'anonymous', 'admin', 'plain'] as const) {
        market.ran.length = 0;
        const authorization = authorizationOf(caller, market.gate);
        const { body } = await post(server.http ?? '', { query }, { authorization });
        expectGiven(body as Answer, toAdmins({ open: 1, remove: 1 })(caller));
      }
    });

    test('the named operation of a document is judged in each request', async () => {
      const query = 'mutation Save { open save } mutation Remove { open remove }';
      for (const operationName of ['Remove', 'Save', 'Remove', 'Save']) {
        const authorization = authorizationOf('plain', market.gate);
        const { body } = await post(server.http ?? '', { query, operationName }, { authorization });
        const isAllowed = knowsName && operationName === 'Save';
        expectGiven(
          body as Answer,
          isAllowed
            ? { data: { open: 1, save: 1 }, ran: ['open', 'save'] }
            : { reasons: ['ADMIN_REQUIRED'] },
        );
        market.ran.length = 0;
      }
    });

    test.runIf(name === 'Yoga').each(each.filter(({ isSubscription }) => isSubscription))(
      'as server-sent events, $title: $caller',
      async (row) => {
        const authorization = authorizationOf(row.caller, market.gate);
        const answers = await listen(server.http ?? '', row.operation, { authorization });
        expect(answers).toHaveLength(1);
        expectGiven(answers[0] ?? {}, expected(row));
      },
    );
  });
});
