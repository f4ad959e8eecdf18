import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, get, listen, type Operation, post, talk } from './ask.ts';
import { authorizationOf, type Caller, createMarket, type Market } from './market.ts';
import { type Started, servers } from './started.ts';

const callers: readonly Caller[] = [
  'anonymous',
  'malformed',
  'expired',
  'revoked',
  'plain',
  'admin',
];

/** Why each caller who is nobody is refused. */
const reasons: Partial<Record<Caller, string>> = {
  anonymous: 'TOKEN_MISSING',
  malformed: 'TOKEN_INVALID',
  expired: 'TOKEN_EXPIRED',
  revoked: 'TOKEN_REVOKED',
};

/** What each operation gives a caller: data, or the reasons for which it is refused whole. */
interface Row extends Operation {
  readonly title: string;
  readonly isSubscription?: boolean;
  readonly gives: (caller: Caller) => Given;
  /** Whether the answer depends on the caller. */
  readonly isPublic?: boolean;
  /** What it gives where no one says which operation of the document will run. */
  readonly givesWithoutName?: (caller: Caller) => Given;
}

type Given =
  | { readonly data: object; readonly ran?: readonly string[] }
  | { readonly reasons: readonly string[] }
  /** Some servers say so themselves, some leave it to what runs operations: nothing begins. */
  | 'no operation';

const toUsers =
  (data: object, ran?: readonly string[]) =>
  (caller: Caller): Given =>
    refusedAsNobody(caller) ?? { data, ran: ran ?? Object.keys(data) };
const toAdmins =
  (data: object, ran?: readonly string[]) =>
  (caller: Caller): Given =>
    refusedAsNobody(caller) ??
    (caller === 'admin'
      ? { data, ran: ran ?? Object.keys(data) }
      : { reasons: ['ADMIN_REQUIRED'] });

function refusedAsNobody(caller: Caller): Given | null {
  const reason = reasons[caller];
  return reason ? { reasons: [reason] } : null;
}

const several = 'query Time { time } mutation Remove { open remove }';

const rows: readonly Row[] = [
  {
    title: 'public fields',
    query: '{ time caller }',
    isPublic: true,
    gives: () => ({ data: { time: 'time', caller: 'anonymous' }, ran: ['time'] }),
  },
  {
    title: 'a field with @optionalAuth',
    query: '{ viewer }',
    gives: (caller) =>
      caller === 'anonymous'
        ? { data: { viewer: 'anonymous' }, ran: [] }
        : toUsers({ viewer: 'authenticated' }, [])(caller),
  },
  { title: 'a field with @auth', query: '{ me }', gives: toUsers({ me: 'me' }) },
  {
    title: 'a field that reads the context',
    query: '{ tenant }',
    gives: toUsers({ tenant: 'acme' }, []),
  },
  {
    title: 'a public field beside a field with @auth',
    query: '{ me caller }',
    gives: (caller) =>
      refusedAsNobody(caller)
        ? { data: { me: null, caller: 'anonymous' }, ran: [] }
        : { data: { me: 'me', caller: 'anonymous' }, ran: ['me'] },
  },
  {
    title: 'an argument that @self judges',
    query: 'query ($of: ID) { mine(of: $of) }',
    variables: { of: '2' },
    gives: (caller) =>
      refusedAsNobody(caller) ??
      (caller === 'admin'
        ? { data: { mine: 'mine' }, ran: ['mine'] }
        : { reasons: ['SELF_REQUIRED'] }),
  },
  {
    title: 'a mutation with one refused field',
    query: 'mutation { open save remove }',
    gives: (caller) =>
      refusedAsNobody(caller) ??
      (caller === 'admin'
        ? { data: { open: 1, save: 1, remove: 1 }, ran: ['open', 'save', 'remove'] }
        : { reasons: ['ADMIN_REQUIRED'] }),
  },
  {
    title: 'a document with several operations, of which the first is named',
    query: several,
    operationName: 'Time',
    isPublic: true,
    gives: () => ({ data: { time: 'time' }, ran: ['time'] }),
    givesWithoutName: toAdmins({ time: 'time' }),
  },
  {
    title: 'a document with several operations, of which the second is named',
    query: several,
    operationName: 'Remove',
    gives: toAdmins({ open: 1, remove: 1 }),
  },
  {
    title: 'a document with several operations, of which none is named',
    query: several,
    gives: () => 'no operation',
  },
  {
    title: 'a document with several operations, and an unknown operation name',
    query: several,
    operationName: 'Else',
    gives: () => 'no operation',
  },
  {
    title: 'public events',
    query: 'subscription { openTicks }',
    isSubscription: true,
    isPublic: true,
    gives: () => ({ data: { openTicks: 1 }, ran: ['openTicks'] }),
  },
  {
    title: 'events with @auth',
    query: 'subscription { ticks }',
    isSubscription: true,
    gives: toUsers({ ticks: 1 }),
  },
  {
    title: 'events with an argument that @self judges',
    query: 'subscription ($of: ID = "1") { mineTicks(of: $of) }',
    variables: { of: '2' },
    isSubscription: true,
    gives: (caller) =>
      refusedAsNobody(caller) ??
      (caller === 'admin'
        ? { data: { mineTicks: 1 }, ran: ['mineTicks'] }
        : { reasons: ['SELF_REQUIRED'] }),
  },
];

const each = rows.flatMap(({ query, operationName, variables, ...row }) =>
  callers.map((caller) => ({
    ...row,
    caller,
    operation: { query, ...(operationName && { operationName }), ...(variables && { variables }) },
  })),
);

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
