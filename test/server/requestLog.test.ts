import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Account, claimsOf, register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let other: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp();
  other = await startApp({ database: app.database });
  account = await register(app);
});
afterAll(async () => {
  await other.close();
  await app.close();
});
beforeEach(() => {
  app.logLines.length = 0;
});

const linesOf = ({ logLines }: TestApp) => logLines.map((line) => JSON.parse(line));
const requestLine = () => linesOf(app).findLast(({ msg }) => msg === 'request');
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('the line of a request', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['a query', 'query Clock { serverTime }', { kind: 'query', name: 'Clock' }],
    ['a query without a name', '{ serverTime }', { kind: 'query', name: null }],
    ['a mutation', 'mutation Out { __typename }', { kind: 'mutation', name: 'Out' }],
    [
      'a query with a long name',
      `query ${'x'.repeat(500)} { serverTime }`,
      { kind: 'query', name: 'x'.repeat(64) },
    ],
  ])('names the operation: %s', async (_what, query, operation) => {
    await app.ask(query);
    expect(requestLine()).toMatchObject({ route: '/graphql', status: 200, operation });
    expect(requestLine()).not.toHaveProperty('errors');
  });

  test('names the user and the session of a caller', async () => {
    await app.ask('{ me { id } }', { token: account.accessToken });
    const { sub, sid } = claimsOf(account.accessToken);
    expect(requestLine()).toMatchObject({ userId: sub, sessionId: sid });
  });

  test('names no user where the token was not read or was refused', async () => {
    await app.ask('{ serverTime }', { token: account.accessToken });
    await app.ask('{ me { id } }', { token: `${account.accessToken}x` });
    for (const line of linesOf(app)) {
      expect(line).not.toHaveProperty('userId');
      expect(line).not.toHaveProperty('sessionId');
    }
  });

  test.each<[string, string, unknown[]]>([
    [
      'an operation that is refused whole',
      '{ me { id } }',
      [{ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' }],
    ],
    [
      'errors of the same kind, once',
      '{ serverTime a: me { id } b: me { id } }',
      [{ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' }],
    ],
    ['a document that cannot be parsed', '{', [{ code: 'GRAPHQL_PARSE_FAILED' }]],
    [
      'a document that does not fit the schema',
      '{ hunter2 }',
      [{ code: 'GRAPHQL_VALIDATION_FAILED' }],
    ],
  ])('has the codes and reasons of its errors: %s', async (_what, query, errors) => {
    await app.ask(query);
    expect(requestLine()).toMatchObject({ errors });
  });

  test('contains no part of the document, its variables or an unknown operation name', async () => {
    await app.ask('query ($hunter1: String!) { item(name: $hunter1) { id } }', {
      variables: { hunter1: 'hunter2' },
      token: account.accessToken,
    });
    await app.ask('{ item(name: "hunter3") { id } }', { token: account.accessToken });
    await app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: '{ serverTime }', operationName: 'hunter4' },
    });
    expect(app.logLines).not.toHaveLength(0);
    expect(app.logLines.join('')).not.toMatch(/hunter|serverTime/);
  });
});

describe('the id of a request', () => {
  test('is in each of its log lines and in no others, and is not taken from the request', async () => {
    other.logLines.length = 0;
    for (const node of [app, other]) {
      for (let time = 0; time < 2; time++) {
        const headers = { 'request-id': 'mine', 'x-request-id': 'mine', traceparent: 'mine' };
        await node.ask('mutation { logout }', { headers });
      }
    }
    const ids = [...linesOf(app), ...linesOf(other)].map(({ reqId }) => reqId);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(uuid);
  });

  test('connects the line of an error, its errorId and the line of the request', async () => {
    await app.database.execute(sql.raw('alter table items rename to lost'));
    const answers = await Promise.all(
      ['a', 'b'].map((name) =>
        app.ask(`{ serverTime item(name: "${name}") { id } }`, { token: account.accessToken }),
      ),
    ).finally(() => app.database.execute(sql.raw('alter table lost rename to items')));
    for (const answer of answers) {
      const errorId = failure(answer)?.['errorId'];
      const lines = linesOf(app).filter((line) => JSON.stringify(line).includes(String(errorId)));
      expect(lines).toMatchObject([
        { msg: 'unexpected error', errorId },
        { msg: 'request', errors: [{ code: 'INTERNAL_SERVER_ERROR', errorId }] },
      ]);
      expect(new Set(lines.map(({ reqId }) => reqId)).size).toBe(1);
    }
    expect(new Set(linesOf(app).map(({ reqId }) => reqId)).size).toBe(2);
  });
});
