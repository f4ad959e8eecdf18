import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type Asked, authTypeDefs, callers, createGate } from '../../src/index.ts';
import { loadUser, needed, secret, typeDefs } from './settings.ts';

describe('the first door', () => {
  const gate = createGate({
    typeDefs: `
      type Query { time: String @public me: String @auth mine(of: ID = "2"): String @self(argument: "of") }
      type Mutation { open: Int @public remove: Int @admin }
    `,
    secret,
    loadUser,
  });
  async function ask(query: string, more: Partial<Asked> = {}) {
    let asked = 0;
    const { errors, dependsOnCaller, context } = await gate.admit(
      { schema: gate.schema, document: parse(query), ...more },
      async () => {
        asked++;
        return { ...callers.user, user: { id: '1' } };
      },
    );
    const reasons = errors.map(({ extensions }) => extensions['reason']);
    return { reasons, dependsOnCaller, status: context.authentication.status, asked };
  }
  const known = { dependsOnCaller: true, status: 'authenticated', asked: 1 };
  const several = 'query Time { time } mutation Remove { open remove }';

  test('authenticates no caller for public fields', async () => {
    const unknown = { reasons: [], dependsOnCaller: false, status: 'anonymous', asked: 0 };
    expect(await ask('{ time }')).toEqual(unknown);
    expect(await ask(several, { operationName: 'Time' })).toEqual(unknown);
  });

  test.each([
    ['the named operation', several, 'Remove'],
    ['all operations, without an operation name', several, null],
    ['all operations, when none has the name', several, 'Else'],
    ['all operations, when the name is empty', several, ''],
    ['the only operation, when it has another name', 'mutation Remove { remove }', 'Else'],
    [
      'each operation of the name, in a document that was not validated',
      'query A { time } mutation A { open remove }',
      'A',
    ],
    ['each of several operations without a name', 'query { time } mutation { open remove }', null],
  ])('judges %s', async (_title, query, operationName) => {
    expect(await ask(query, { operationName })).toEqual({ ...known, reasons: ['ADMIN_REQUIRED'] });
  });

  test('judges 100 operations of a document, and refuses 300 long ones when the operation name is not known', async () => {
    const document = (operations: number, fields: number) => {
      const names = Array.from({ length: operations }, (_, index) => `query A${index} { ...F }`);
      const times = Array.from({ length: fields }, (_, index) => `time${index}: time`);
      return `${names.join('\n')} fragment F on Query { ${times.join(' ')} }`;
    };
    const unknown = { reasons: [], dependsOnCaller: false, status: 'anonymous', asked: 0 };
    expect(await ask(document(100, 50))).toEqual(unknown);
    expect(await ask(document(1, 20_000))).toEqual(unknown);
    expect(await ask(document(300, 300), { operationName: 'A299' })).toEqual(unknown);
    const { errors, dependsOnCaller } = await gate.admit(
      { schema: gate.schema, document: parse(document(300, 300)) },
      () => expect.fail('It is not known who it is.'),
    );
    expect(dependsOnCaller).toBe(false);
    expect(errors.map(({ message, extensions }) => [message, extensions['code']])).toEqual([
      [
        'Nobody says which operation of this document will run, and it has too many to judge them all.',
        'BAD_USER_INPUT',
      ],
    ]);
  });

  test('judges arguments, unless their values are unknown', async () => {
    expect((await ask('{ mine }')).reasons).toEqual(['SELF_REQUIRED']);
    const query = 'query ($of: ID = "2") { mine(of: $of) }';
    expect((await ask(query)).reasons).toEqual(['SELF_REQUIRED']);
    expect((await ask(query, { variables: { of: '1' } })).reasons).toEqual([]);
    expect((await ask(query, { variables: 'unknown' })).reasons).toEqual([]);
  });

  test('refuses another schema that is not guarded', async () => {
    const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs] });
    await expect(ask('{ me }', { schema })).rejects.toThrow('This schema has no guards');
  });

  test('rejects with the error that a loader throws', async () => {
    const down = createGate({
      ...needed,
      loadUser: async () => {
        throw new Error('The database is down.');
      },
    });
    const token = `Bearer ${down.signAccess({ sub: '1', sid: 'a' })}`;
    await expect(down.authenticate([token])).rejects.toThrow('The database is down.');
  });
});
