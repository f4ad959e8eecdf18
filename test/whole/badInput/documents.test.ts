import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { register } from '../../support/account.ts';
import { failure, startApp, type TestApp } from '../../support/app.ts';
import { sendBody } from './expectDocumented.ts';

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await startApp();
  token = (await register(app, { admin: true })).accessToken;
});
afterAll(() => app.close());

const parse = 'GRAPHQL_PARSE_FAILED';
const validation = 'GRAPHQL_VALIDATION_FAILED';
const resolution = 'OPERATION_RESOLUTION_FAILURE';

const deepList = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
const deepObject = (depth: number) => `${'{a:'.repeat(depth)}1${'}'.repeat(depth)}`;
const deepSelection = (depth: number) => `${'{a'.repeat(depth)}${'}'.repeat(depth)}`;

describe('a document', () => {
  test.each<[string, string, string]>([
    ['has only blanks', ' \n', parse],
    ['has only a comment', '# nothing', parse],
    ['is one brace', '{', parse],
    ['has an empty selection', '{ }', parse],
    ['has 100,000 braces', '{'.repeat(100_000), parse],
    ['has 40,000 closed braces', '{a'.repeat(20_000) + '}'.repeat(20_000), parse],
    ['has a list of 5,000 levels', `{ item(name: ${deepList(5000)}) { id } }`, parse],
    ['has a list of 300 levels', `{ item(name: ${deepList(300)}) { id } }`, validation],
    ['has an object of 5,000 levels', `{ item(name: ${deepObject(5000)}) { id } }`, parse],
    ['has an object of 200 levels', `{ item(name: ${deepObject(200)}) { id } }`, validation],
    [
      'has a type of 400 levels',
      `query ($a: ${'['.repeat(400)}Int${']'.repeat(400)}) { serverTime }`,
      validation,
    ],
    ['has selections of 300 levels', deepSelection(300), validation],
    ['has a string without an end', '{ item(name: "abc) { id } }', parse],
    ['has a block string without an end', '{ item(name: """abc) { id } }', parse],
    ['has half of a surrogate pair', '{ item(name: "\\uD800") { id } }', parse],
    ['has a NUL outside of strings', '{ server\0Time }', parse],
    ['has text from right to left', '{ \u202EserverTime }', parse],
    ['begins with a byte order mark in the middle', '{ \uFEFF\uFEFF serverTime ;', parse],
    ['has an unknown field', '{ secrets }', validation],
    ['has an unknown argument', '{ serverTime(zone: "UTC") }', validation],
    ['has an unknown directive', '{ serverTime @defer }', validation],
    ['leaves an argument out', '{ item { id } }', validation],
    ['selects fields of a scalar', '{ serverTime { iso } }', validation],
    ['selects no fields of an object', '{ me }', validation],
    ['uses __proto__', '{ __proto__ }', validation],
    ['uses constructor', '{ constructor { name } }', validation],
    ['has a fragment in a circle', 'query { ...A } fragment A on Query { ...A }', validation],
    [
      'has two fragments in a circle',
      'query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      validation,
    ],
    ['spreads an unknown fragment', '{ ...Nowhere }', validation],
    [
      'has a fragment that is not used',
      '{ serverTime } fragment A on Query { serverTime }',
      validation,
    ],
    ['has two operations without a name', '{ serverTime } { serverTime }', validation],
    ['has two of one name', 'query A { serverTime } query A { serverTime }', validation],
    ['defines a type', 'type A { a: Int }', validation],
    ['extends a type', 'extend type Query { a: Int } query { serverTime }', validation],
    [
      'has a subscription beside a query',
      '{ serverTime } subscription S { serverTime }',
      validation,
    ],
    ['has a variable that is not declared', '{ item(name: $name) { id } }', validation],
    ['has a variable of an unknown type', 'query ($a: Secret) { serverTime }', validation],
    ['has a variable of an output type', 'query ($a: User) { serverTime }', validation],
    ['has null for a non-null argument', '{ item(name: null) { id } }', validation],
    ['has a directive with null', '{ serverTime @skip(if: null) }', validation],
    ['has fields in conflict', '{ a: serverTime a: item(name: "x") { id } }', validation],
    ['has only a fragment', 'fragment A on Query { serverTime }', validation],
  ])('that %s is refused', async (_what, query, code) => {
    const answer = await sendBody(app, { query }, token);
    expect(answer.status).toBe(200);
    expect(answer.data).toBeNull();
    expect(answer.errors.map(({ extensions }) => extensions?.['code'])).toContain(code);
  });

  test('that is empty is refused as no request', async () => {
    const answer = await sendBody(app, { query: '' }, token);
    expect([answer.status, failure(answer)?.code]).toEqual([400, 'BAD_REQUEST']);
  });

  test('with a subscription is refused', async () => {
    const answer = await sendBody(app, { query: 'subscription { serverTime }' });
    expect(failure(answer)).toEqual({
      code: validation,
      message: 'Schema is not configured to execute subscription operation.',
    });
  });

  test('with an unused variable is refused', async () => {
    const answer = await sendBody(app, { query: 'query ($a: Int) { serverTime }' });
    expect(failure(answer)).toEqual({
      code: validation,
      message: 'Variable "$a" is never used.',
    });
  });
});

describe('an operation name', () => {
  const query = 'query A { serverTime } query B { serverTime }';

  test.each<[string, unknown, string]>([
    ['is unknown', 'C', resolution],
    ['is missing although there are two', undefined, resolution],
    ['is null although there are two', null, resolution],
    ['is __proto__', '__proto__', resolution],
    ['is constructor', 'constructor', resolution],
    ['has a NUL', 'A\0', resolution],
    ['is a number', 1, 'BAD_REQUEST'],
    ['is a list', ['A'], 'BAD_REQUEST'],
  ])('that %s is refused', async (_what, operationName, code) => {
    const answer = await sendBody(app, { query, operationName }, token);
    expect(answer.status).toBe(code === resolution ? 200 : 400);
    expect(failure(answer)?.['code']).toBe(code);
  });

  test('that is in the document is run', async () => {
    expect((await sendBody(app, { query, operationName: 'B' })).data).toHaveProperty('serverTime');
  });
});

describe('a variable', () => {
  test.each<[string, string, object]>([
    [
      'null in place of its default for a non-null argument',
      'query ($v: String = "x") { item(name: $v) { id } }',
      { v: null },
    ],
    ['null for @skip', 'query ($v: Boolean = true) { serverTime @skip(if: $v) }', { v: null }],
    [
      'null for @include',
      'query ($v: Boolean = true) { serverTime @include(if: $v) }',
      { v: null },
    ],
    [
      'null for @skip on a fragment',
      'query ($v: Boolean = true) { ... @skip(if: $v) { me { id } } }',
      { v: null },
    ],
    [
      'null for @skip below the root',
      'query ($v: Boolean = true) { me { id @skip(if: $v) } }',
      { v: null },
    ],
    ['a string for Boolean', 'query ($v: Boolean!) { serverTime @skip(if: $v) }', { v: 'true' }],
    ['no value where one is required', 'query ($v: String!) { item(name: $v) { id } }', {}],
    [
      'an object for ID',
      'query ($v: ID) { serverTime @skip(if: true) __typename @include(if: true) }',
      { v: {} },
    ],
  ])('with %s is refused', async (_what, query, variables) => {
    const answer = await sendBody(app, { query, variables }, token);
    expect(['BAD_USER_INPUT', validation]).toContain(failure(answer)?.['code']);
  });

  test.each([
    ['a list of 40,000 levels', `${'['.repeat(40_000)}${']'.repeat(40_000)}`],
    ['an object of 10,000 levels', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ])('with %s is refused', async (_what, value) => {
    for (const [type, use] of [
      ['String!', 'item(name: $v) { id }'],
      ['Int', 'items(first: $v) { edges { cursor } }'],
      ['Boolean!', '__typename @skip(if: $v)'],
    ]) {
      const query = `query ($v: ${type}) { ${use} }`;
      const answer = await sendBody(app, `{"query":"${query}","variables":{"v":${value}}}`, token);
      expect(failure(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'v' });
    }
  });

  test('that the document does not declare is ignored', async () => {
    const answer = await sendBody(app, { query: '{ __typename }', variables: { a: { b: [1] } } });
    expect(answer.data).toEqual({ __typename: 'Query' });
  });

  test('named __proto__ changes no prototype', async () => {
    await sendBody(
      app,
      '{"query":"query ($a: Int) { __typename }","variables":{"a":1,"__proto_":{"admin":true}}}',
    );
    await sendBody(app, { query: 'query ($__proto__: Int) { __typename }', variables: {} });
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

test('without introspection, messages do not name fields of the schema', async () => {
  const closed = await startApp({
    environment: { INTROSPECTION: 'false' },
    database: app.database,
  });
  for (const query of ['{ serverTim }', '{ item(nam: "x") { id } }', '{ me { usernam } }']) {
    const answer = await sendBody(closed, { query });
    expect(JSON.stringify(answer.errors)).not.toMatch(/did you mean|serverTime|username|"name"/i);
  }
  const answer = await sendBody(closed, { query: '{ __schema { types { name } } }' });
  expect(failure(answer)?.['code']).toBe(validation);
  await closed.close();
});
