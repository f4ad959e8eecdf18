import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { items } from '../support/items/table.ts';
import { aliases, nested, times, variables } from './documents.ts';

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await startApp();
  token = (await register(app, { admin: true })).accessToken;
});
afterAll(() => app.close());

const twentyRootFields = `${aliases(15)} __typename serverTime viewer { id } items { edges { cursor } } __type(name: "Item") { name }`;
const directives = (count: number) =>
  `__schema { ${times(count / 2, '... @include(if: true) @skip(if: false) { __typename }')} }`;
// Each use of the fragment is 100 selections: itself, 98 inline fragments and a field.
const tenThousandSelections = (more: string) =>
  `{ ${times(100, '...a')} ${more} } fragment a on Query { ${nested(98, '... {', '__typename')} }`;
// items, edges, 100 times node with its 48 names; items, edges and 96 times cursor.
const costOf5000 = (more: string) =>
  `{ items(first: 100) { edges { node { ${times(48, 'name')} } } }
    b: items(first: 96) { edges { cursor } } ${more} }`;

interface Boundary {
  readonly limit: string;
  readonly maximum: number;
  readonly passes: string;
  readonly refused: string;
  readonly message: string;
}

const boundaries: Boundary[] = [
  {
    limit: 'tokens',
    maximum: 1000,
    passes: `{ __schema { ${times(3, '__typename')} ${times(248, '... { __typename }')} } }`,
    refused: `{ __schema { ${times(4, '__typename')} ${times(248, '... { __typename }')} } }`,
    message: 'Too many tokens: a document may have 1,000, and this one has more.',
  },
  {
    limit: 'aliases',
    maximum: 15,
    passes: `{ ${aliases(15)} }`,
    refused: `{ ${aliases(16)} }`,
    message: 'Too many aliases: a query may have 15, and this one has 16.',
  },
  {
    limit: 'rootFields',
    maximum: 20,
    passes: `{ ${twentyRootFields} }`,
    refused: `{ ${twentyRootFields} __schema { __typename } }`,
    message: 'Too many fields at the root: a query may have 20, and this one has 21.',
  },
  {
    limit: 'rootFields',
    maximum: 5,
    passes: `mutation { ${aliases(5)} }`,
    refused: `mutation { ${aliases(6)} }`,
    message: 'Too many fields at the root: a mutation may have 5, and this one has 6.',
  },
  {
    limit: 'directives',
    maximum: 50,
    passes: `{ ${directives(50)} }`,
    refused: `{ ${directives(50)} serverTime @skip(if: false) }`,
    message: 'Too many directives: a query may have 50, and this one has 51.',
  },
  {
    limit: 'recursiveSelections',
    maximum: 10_000,
    passes: tenThousandSelections(''),
    refused: tenThousandSelections('__typename'),
    message:
      'Too many selections, fragments counted wherever they are used: a query may have 10,000, and this one has 10,001.',
  },
  {
    limit: 'cost',
    maximum: 5000,
    passes: costOf5000(''),
    refused: costOf5000('serverTime'),
    message: 'Too high a cost: a query may have 5,000, and this one has 5,001.',
  },
];

/** Expects that a document is refused for this limit and nothing else, and that nothing of it ran. */
async function expectRefused(
  on: TestApp,
  query: string,
  expected: { limit: string; maximum: number; message?: string },
): Promise<void> {
  const answer = await on.ask(query);
  expect([answer.status, answer.data]).toEqual([200, null]);
  const code = expected.limit === 'tokens' ? 'GRAPHQL_PARSE_FAILED' : 'GRAPHQL_VALIDATION_FAILED';
  expect(answer.errors).toHaveLength(1);
  expect(failure(answer)).toEqual({ code, message: expect.any(String), ...expected });
}

describe('without settings', () => {
  test.each(boundaries)('$maximum $limit are accepted', async ({ passes }) => {
    const answer = await app.ask(passes);
    expect([answer.status, answer.errors]).toEqual([200, []]);
  });

  test.each(boundaries)(
    'more than $maximum $limit are refused',
    async ({ refused, ...expected }) => {
      const { passes: _, ...refusal } = expected;
      await expectRefused(app, refused, refusal);
    },
  );

  // No valid document of this schema is so deep, so the limit is not the only thing wrong with these.
  test('9 levels of fields are refused, and 8 levels are accepted', async () => {
    const limitsOf = async (depth: number) =>
      (await app.ask(nested(depth, '{ me ', ''))).errors.flatMap(
        ({ extensions }) => extensions?.['limit'] ?? [],
      );
    expect(await limitsOf(8)).toEqual([]);
    expect(await limitsOf(9)).toEqual(['depth']);
    expect(failure(await app.ask(nested(9, '{ me ', '')))).toEqual({
      code: 'GRAPHQL_VALIDATION_FAILED',
      limit: 'depth',
      maximum: 8,
      message: 'Too many levels of fields: a query may have 8, and this one has 9.',
    });
  });

  test('a mutation with one field too many runs none of them', async () => {
    const create = (count: number, prefix: string) =>
      Array.from(
        { length: count },
        (_, index) => `a${index}: createItem(name: "${prefix}${index}", price: 1) { name }`,
      ).join(' ');
    const before = await app.database.$count(items);
    const refused = await app.ask(`mutation { ${create(6, 'six ')} }`, { token });
    expect(failure(refused)).toMatchObject({ limit: 'rootFields', maximum: 5 });
    expect(await app.database.$count(items)).toBe(before);
    const passed = await app.ask(`mutation { ${create(5, 'five ')} }`, { token });
    expect(passed.errors).toEqual([]);
    expect(await app.database.$count(items)).toBe(before + 5);
  });
});

const edges = 'edges { node { name } }';
const page = 'items { edges { cursor } }';
const [skip, include] = ['@skip(if: false)', '@include(if: true)'];
const twice = '...a ... { ...a } } fragment a on Query';

/** How many of what a document has: that many may be allowed, and one fewer may not. */
const counted: [setting: keyof typeof variables, count: number, document: string][] = [
  ['tokens', 5, '{ a: serverTime, # and no more\n }'],
  ['depth', 4, `{ items { ${edges} } }`],
  ['depth', 3, `{ ... { ...a } } fragment a on Query { ... { ${page} } serverTime }`],
  ['depth', 3, `{ ${page} __schema { types { fields { type { name } } } } }`],
  ['depth', 3, `{ ${page} __type(name: "Item") { fields { type { ofType { name } } } } }`],
  ['aliases', 2, '{ serverTime: serverTime a: __typename }'],
  ['aliases', 3, '{ a: items { b: edges { c: cursor } } }'],
  ['aliases', 4, `{ ${twice} { a: __typename b: serverTime }`],
  ['aliases', 2, '{ __schema { a: types { b: name } } }'],
  ['aliases', 2, 'query a { __typename } query b { a: __typename b: __typename }'],
  ['rootFields', 3, '{ __typename serverTime a: serverTime }'],
  ['rootFields', 4, `{ serverTime serverTime ${twice} { serverTime __typename }`],
  ['rootFields', 2, '{ serverTime @skip(if: true) __schema { __typename } }'],
  ['mutationFields', 2, 'mutation { __typename ...a } fragment a on Mutation { a: __typename }'],
  ['directives', 3, `{ serverTime ${skip} ${include} ... ${skip} { __typename } }`],
  ['directives', 3, `{ ...a ${skip} ... { ...a } } fragment a on Query { serverTime ${skip} }`],
  ['recursiveSelections', 4, `{ ${page} serverTime }`],
  ['recursiveSelections', 5, `{ ${twice} { serverTime }`],
  ['recursiveSelections', 3, '{ __schema { types { name } } }'],
  ['cost', 2, '{ serverTime @skip(if: true) __typename }'],
  ['cost', 42, `{ items { ${edges} } }`],
  ['cost', 42, `{ items(first: null) { ${edges} } }`],
  ['cost', 8, `{ items(first: 3) { ${edges} } }`],
  ['cost', 2, `{ items(first: 0) { ${edges} } }`],
  ['cost', 2, `{ items(first: -100) { ${edges} } }`],
  ['cost', 202, `{ items(first: 100) { ${edges} } }`],
  ['cost', 202, `{ items(first: 2147483647) { ${edges} } }`],
  ['cost', 202, `query ($size: Int = 3) { items(first: $size) { ${edges} } }`],
  ['cost', 7, '{ items(first: 3) { edges { cursor } pageInfo { hasNextPage } } }'],
  ['cost', 51, '{ sessions { id } }'],
  ['cost', 101, '{ apiTokens { id } }'],
  [
    'cost',
    82,
    `{ users(first: 10) { edges { node { securityEvents(first: 5) { edges { cursor } } } } } }`,
  ],
  ['cost', 4, `{ ${twice} { serverTime __typename }`],
  [
    'cost',
    9,
    '{ a: items(first: 2) { ...a } b: items(first: 3) { ...a } } fragment a on ItemConnection { edges { cursor } }',
  ],
  [
    'cost',
    2,
    '{ serverTime __typename __schema { types { name } } __type(name: "Item") { name } }',
  ],
];

describe('the counts of a document', () => {
  const nodes = new Map<string, TestApp>();
  afterAll(() => Promise.all([...nodes.values()].map((node) => node.close())));

  async function nodeWith(variable: string, value: number): Promise<TestApp> {
    const key = `${variable}=${value}`;
    const environment = { [variable]: String(value) };
    const node = nodes.get(key) ?? (await startApp({ database: app.database, environment }));
    nodes.set(key, node);
    return node;
  }

  test.each(counted)('%s: %i in %s', async (setting, count, document) => {
    const variable = variables[setting];
    const limit = setting === 'mutationFields' ? 'rootFields' : setting;
    const passed = await (await nodeWith(variable, count)).ask(document);
    expect(passed.errors.filter(({ extensions }) => extensions?.['limit'])).toEqual([]);
    const message = setting === 'tokens' ? / has more\.$/ : RegExp(` has ${count}\\.$`);
    await expectRefused(await nodeWith(variable, count - 1), document, {
      limit,
      maximum: count - 1,
      message: expect.stringMatching(message),
    });
  });
});
