import {
  type Authentication,
  anonymous,
  argumentGuard,
  describeAccess,
  type Guards,
  guardSchema,
  judgeOperation,
} from '@sallyport/guards';
import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { caller, guards, sightDirectives, unguardedSchema } from './guardedSchema.ts';

const schemaOf = (all: Guards = guards, more = '') =>
  guardSchema(
    unguardedSchema(`
      ${sightDirectives} ${more}
      type Query { salary(of: ID): Int @self(argument: "of") byDefault(of: ID = "eve"): Int @self(argument: "of") open: Int @public me: User @auth again(of: ID): Query @self(argument: "of") }
      type Mutation { raise(of: ID): User @self(argument: "of") create: Invoice @auth drop: Invoice @admin }
      type User { raised(of: ID, by: Int! = 1): Int @self(argument: "of") }
      type Invoice { total: Int @owner(field: "userId") }
    `),
    { guards: all },
  );
const schema = schemaOf();
const ada = caller({ user: { id: 'ada' } });

function judge(
  source: string,
  authentication: Authentication = ada,
  variables?: Record<string, unknown> | null,
  served = schema,
) {
  const document = parse(source);
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError('Expected an operation.');
  const access = describeAccess(served, document, operation);
  return judgeOperation(access, authentication, variables).map(
    ({ extensions, locations }) =>
      `${extensions['reason']} at ${locations?.map(({ column }) => column).join()}`,
  );
}

describe('the first door judges arguments', () => {
  test.each<[string, Record<string, unknown> | null | undefined, string[]]>([
    ['mutation { raise(of: "ada") { __typename } }', undefined, []],
    ['mutation { raise(of: "eve") { __typename } }', undefined, ['SELF_REQUIRED at 12']],
    ['mutation { raise { __typename } }', undefined, ['SELF_REQUIRED at 12']],
    ['mutation ($id: ID) { raise(of: $id) { __typename } }', { id: 'ada' }, []],
    [
      'mutation ($id: ID) { raise(of: $id) { __typename } }',
      { id: 'eve' },
      ['SELF_REQUIRED at 22'],
    ],
    ['mutation ($id: ID) { raise(of: $id) { __typename } }', {}, ['SELF_REQUIRED at 22']],
    ['mutation ($id: ID) { raise(of: $id) { __typename } }', null, ['SELF_REQUIRED at 22']],
    ['mutation ($id: ID = "ada") { raise(of: $id) { __typename } }', undefined, []],
    [
      'mutation ($id: ID = "ada") { raise(of: $id) { __typename } }',
      { id: null },
      ['SELF_REQUIRED at 30'],
    ],
    [
      'mutation ($id: ID = "ada") { raise(of: $id) { __typename } }',
      { id: 'eve' },
      ['SELF_REQUIRED at 30'],
    ],
    [
      'mutation { a: raise(of: "ada") { __typename } b: raise(of: "eve") { __typename } }',
      null,
      ['SELF_REQUIRED at 47'],
    ],
    ['mutation { raise(of: "ada") { raised(of: "eve") } }', null, ['SELF_REQUIRED at 31']],
    ['mutation { raise(of: "eve") @skip(if: true) { __typename } }', null, ['SELF_REQUIRED at 12']],
    [
      'mutation { ...F } fragment F on Mutation { raise(of: "eve") { __typename } }',
      null,
      ['SELF_REQUIRED at 44'],
    ],
    ['{ salary(of: "eve") }', null, ['SELF_REQUIRED at 3']],
    ['{ byDefault }', null, ['SELF_REQUIRED at 3']],
    ['{ a: salary(of: "eve") b: salary(of: "bob") }', null, ['SELF_REQUIRED at 3,24']],
    ['{ a: salary(of: "eve") b: salary(of: "ada") }', null, []],
    ['{ salary(of: "eve") open }', null, []],
    ['{ me { raised(of: "eve") } }', null, []],
    ['{ me { __typename } again(of: "eve") { __typename } }', null, []],
    ['{ again(of: "ada") { salary(of: "eve") } }', null, []],
    ['{ again(of: "eve") { salary(of: "bob") } }', null, ['SELF_REQUIRED at 3']],
    ['{ a: salary(of: "eve") again(of: "ada") { salary(of: "eve") } }', null, []],
  ])('%s with %j', (source, variables, expected) => {
    expect(judge(source, ada, variables)).toEqual(expected);
  });

  test('the caller is judged before the arguments, with one error', () => {
    expect(judge('mutation { raise(of: "eve") { __typename } }', anonymous)).toEqual([
      'TOKEN_MISSING at 12',
    ]);
  });

  test('with variables of a wrong type, the first door leaves the refusal to execute', () => {
    const source = 'mutation ($id: ID!) { raise(of: $id) { __typename } }';
    expect(judge(source, ada, {})).toEqual([]);
    expect(judge(source, anonymous, {})).toEqual(['TOKEN_MISSING at 23']);
  });

  test('a mutation with an invalid argument is refused', () => {
    const source = 'mutation ($by: Int) { raise(of: "ada") { raised(of: "ada", by: $by) } }';
    expect(judge(source, ada, { by: 1 })).toEqual([]);
    expect(judge(source, ada, { by: null })).toHaveLength(1);
  });

  test.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['a promise', async () => null],
    ['true', () => true],
  ])('when a guard returns %s, no operation begins', (_what, give) => {
    const served = schemaOf({ ...guards, self: argumentGuard(give as never) });
    for (const source of ['{ salary }', 'mutation { raise { __typename } }']) {
      expect(() => judge(source, ada, {}, served)).toThrow(
        new TypeError('A guard gave neither null nor an error at once.'),
      );
    }
  });
});

describe('for a guard that sees the object, the first door requires a user', () => {
  test.each<[string, Authentication, string[]]>([
    ['mutation { create { total } }', anonymous, ['TOKEN_MISSING at 12,21']],
    ['mutation { create { total } }', ada, []],
    ['mutation { create { total } drop { total } }', ada, ['ADMIN_REQUIRED at 29']],
  ])('%s', (source, authentication, expected) => {
    expect(judge(source, authentication)).toEqual(expected);
  });
});
