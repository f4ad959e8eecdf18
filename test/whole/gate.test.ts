import { ApolloServer } from '@apollo/server';
import {
  type Authentication,
  authTypeDefs,
  callers,
  guardSchema,
  proveAccess,
  rejectedCallers,
} from '@sallyport/guards';
import { buildASTSchema, GraphQLError, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proofOperations } from '../../packages/guards/src/proof/proofOperations.ts';
import { evaluateByTheRules } from '../../packages/guards/src/proof/referenceEvaluator.ts';
import { standInsFor } from '../../packages/guards/src/proof/standIns.ts';
import {
  type ChooseType,
  type StubContext,
  stubSchema,
} from '../../packages/guards/src/proof/stubSchema.ts';
import type { RequestContext } from '../../src/context.ts';
import { createErrorFormatter } from '../../src/errors.ts';
import { createGuards } from '../../src/guards.ts';
import { createSchema } from '../../src/schema.ts';
import { firstDoor } from '../../src/server/firstDoor.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { longRuns } from '../support/longRuns.ts';
import { testService } from '../support/testService.ts';

const guards = createGuards({ freshSeconds: 300 });

test('no caller gets around the guards of the service', async () => {
  const { operations, callers } = await proveAccess(createSchema(guards, testService.features), {
    guards,
  });
  expect(operations).toBeGreaterThan(500);
  expect(callers).toBe(9);
});

test('behind the first door of the service, no operation of any caller runs a resolver that the rules forbid', async () => {
  const stub = stubSchema(createSchema(guards, testService.features), guards);
  const standIns = standInsFor(guards);
  const schema = guardSchema(stub, { guards: standIns });
  const server = new ApolloServer<RequestContext>({
    schema,
    plugins: [firstDoor('test', (formatted) => formatted)],
  });
  let refusedWhole = 0;
  // The others are tried too, without a server around the doors, where `proveAccess` is tested.
  const tried = [...proofOperations(schema)].filter((_one, index) => longRuns || index % 4 === 0);
  for (const { source, types } of tried) {
    const document = parse(source);
    const operation = getOperationAST(document);
    if (!operation) throw new TypeError('Expected an operation.');
    const chooseType: ChooseType = (place, names) => types[place] ?? names[0] ?? '';
    for (const caller of [...Object.values(callers), ...Object.values(rejectedCallers)]) {
      const expected = evaluateByTheRules(stub, standIns, {
        document,
        operation,
        variables: {},
        caller,
        chooseType,
        isOwn: false,
      });
      const context = stubContext(caller, chooseType);
      const { body } = await server.executeOperation({ query: source }, { contextValue: context });
      const answer = body.kind === 'single' ? body.singleResult : {};
      expect(context.ran, source).toEqual(expected.ran);
      expect(answer.data === undefined, source).toBe(expected.refusedWhole);
      expect(answer.errors ?? [], source).toHaveLength(expected.errors.length);
      if (expected.refusedWhole) refusedWhole += 1;
    }
  }
  expect(refusedWhole).toBeGreaterThan(100);
});

// The context of the service, as far as the doors and the stub need it. Apollo runs operations with a copy of it.
function stubContext(caller: Authentication, chooseType: ChooseType) {
  return {
    authentication: null,
    findCaller: async () => ({ authentication: caller, user: null }),
    chooseType,
    isOwn: false,
    ran: [],
  } as StubContext as StubContext & RequestContext;
}

test('a guard whose error is not meant for clients is masked at both doors', async () => {
  const own = new GraphQLError('db password=x');
  const stub = stubSchema(createSchema(guards, testService.features), guards);
  const schema = guardSchema(stub, { guards: { ...guards, auth: () => own } });
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  const formatError = createErrorFormatter(() => log);
  const server = new ApolloServer<RequestContext>({
    schema,
    formatError,
    plugins: [firstDoor('test', formatError)],
  });
  for (const query of [
    '{ me { id } }',
    '{ me { id } serverTime }',
    'mutation { logoutEverywhere }',
  ]) {
    const contextValue = stubContext(callers.user, (_place, [first = '']) => first);
    const { body, http } = await server.executeOperation({ query }, { contextValue });
    const text = JSON.stringify([body, http.headers.get('www-authenticate')]);
    expect(text).toContain('Something went wrong.');
    expect(text).not.toContain('password');
  }
  expect(lines).toHaveLength(3);
  expect(lines.join()).toContain('db password=x');
});

describe('the service', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  test('has the requirements of each guarded field in its description', async () => {
    const { data } = await app.ask('{ __schema { types { name fields { name description } } } }');
    const of = (typeName: string, fieldName: string): string =>
      data.__schema.types
        .find(({ name }: { name: string }) => name === typeName)
        .fields.find(({ name }: { name: string }) => name === fieldName)
        .description.split('\n\n')
        .at(-1);
    expect(of('Mutation', 'createItem')).toBe('Requires: a fresh token.');
    expect(of('Mutation', 'setUserAdmin')).toBe('Requires: a fresh token and an administrator.');
    expect(of('Query', 'viewer')).toBe('Requires: no token, or a valid one.');
    expect(of('Query', 'serverTime')).toBe('Requires: nothing.');
    expect(of('User', 'username')).toBe('Requires: a signed-in user.');
    expect(of('User', 'active')).toBe('Requires: an administrator.');
    expect(of('Item', 'price')).toBe('Requires: a signed-in user.');
    expect(of('Item', 'name')).toBe('The name; no two items have the same.');
  });

  test('logs at the start the refusals that would remove more than a field', () => {
    const line = app.logLines.map((text) => JSON.parse(text)).find(({ losses }) => losses);
    expect(line).toMatchObject({ level: 30, msg: 'guarded fields that cannot be null' });
    expect(line.losses).toContain('a refusal of User.id removes Query.viewer');
    expect(line.losses.join()).not.toMatch(/removes Query\.(me|users|sessions|items)/);
  });
});

test('the directives of the engine are those of the service', () => {
  const describe = (schema: GraphQLSchema) =>
    schema
      .getDirectives()
      .filter(({ name }) => name in guards)
      .map(({ name, locations, args }) => [
        name,
        locations.toSorted(),
        args.map((argument) => `${argument.name}: ${argument.type}`),
      ])
      .toSorted();
  const own = describe(buildASTSchema(parse(authTypeDefs)));
  expect(own).toHaveLength(8);
  expect(own).toEqual(describe(createSchema(guards, testService.features)));
});
