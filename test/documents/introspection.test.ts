import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

describe('introspection', () => {
  const full = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });

  test('by GraphiQL is accepted when introspection is on', async () => {
    const answer = await app.ask(full);
    expect([answer.status, answer.errors]).toEqual([200, []]);
    expect(answer.data.__schema.types.length).toBeGreaterThan(10);
  });

  describe('that is off', () => {
    let closed: TestApp;
    beforeAll(async () => {
      closed = await startApp({ database: app.database, environment: { INTROSPECTION: 'false' } });
    });
    afterAll(() => closed.close());

    test('refuses the query of GraphiQL', async () => {
      const answer = await closed.ask(full);
      expect([answer.status, answer.data]).toEqual([200, null]);
      expect(failure(answer)?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    });

    test.each([
      ['a field', '{ serverTim }', 'serverTime'],
      ['a field of a type', '{ me { usernam } }', 'username'],
      ['an argument', '{ items(frst: 3) { edges { cursor } } }', 'first'],
      ['the type of a fragment', '{ ...a } fragment a on Querry { serverTime }', 'Query'],
      ['the type of an inline fragment', '{ me { ... on Usr { id } } }', 'User'],
      ['the type of a variable', 'query ($a: Itm) { item(name: $a) { id } }', 'Item'],
      ['the selection of a field', '{ me }', 'me {'],
    ])('does not suggest %s, as with introspection on', async (_what, query, hidden) => {
      const messagesOf = async (node: TestApp) =>
        (await node.ask(query)).errors.map(({ message }) => message).join('\n');
      expect(await messagesOf(app)).toContain(`Did you mean "${hidden}`);
      expect(await messagesOf(closed)).toMatch(/./);
      expect(await messagesOf(closed)).not.toMatch(/did you mean/i);
      expect(await messagesOf(closed)).not.toContain(`"${hidden}`);
    });

    // An enum is suggested to nobody: the value beside it could be a password.
    test.each(['app', 'closed'])('does not suggest a value of an enum (%s)', async (name) => {
      const node = name === 'app' ? app : closed;
      const answer = await node.ask('query ($a: AuditEventType = REGISTRED) { serverTime }');
      expect(JSON.stringify(answer.errors)).not.toMatch(/did you mean|REGIST/i);
    });
  });
});
