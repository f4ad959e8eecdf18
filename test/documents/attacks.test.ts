import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentError } from '../../src/server/documentError.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { sendBody } from '../whole/badInput/expectDocumented.ts';
import { aliases, nested, times, variables } from './documents.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** Each fragment uses the next one so many times: the last field is selected `uses ** levels` times. */
function bomb(levels: number, uses: number, last: string): string {
  const fragments = Array.from(
    { length: levels },
    (_, level) => `fragment f${level} on Query { ${times(uses, `...f${level + 1}`)} }`,
  );
  return `{ ...f0 } ${fragments.join(' ')} fragment f${levels} on Query { ${last} }`;
}

describe('an attack', () => {
  test.each([
    ['2^24 fields', bomb(24, 2, '__typename'), ['recursiveSelections', 'cost']],
    ['5^50 fields', bomb(50, 5, '__typename'), ['recursiveSelections', 'cost']],
    [
      'a billion of everything',
      bomb(9, 10, `a: serverTime @skip(if: true)`),
      ['aliases', 'directives', 'recursiveSelections', 'cost'],
    ],
    [
      '20 lists of 100 lists of 100',
      bomb(
        1,
        20,
        `users(first: 100) { edges { node { securityEvents(first: 100) { edges { cursor } } } } }`,
      ),
      ['cost'],
    ],
    [
      'introspection of 2^24 names',
      bomb(24, 2, '__schema { types { name } }'),
      ['recursiveSelections'],
    ],
  ])('of %s is refused, with an error for each limit', async (_what, query, limits) => {
    const answer = await sendBody(app, { query });
    expect(answer.status).toBe(200);
    expect(answer.errors.map(({ extensions }) => extensions?.['limit'])).toEqual(limits);
  });

  test.each([
    ['500 times the same field', `{ ${times(490, '__typename')} }`, 'rootFields'],
    [
      '21 times the same field, in fragments',
      `{ ...a ...b ... { __typename } } fragment a on Query { ${times(10, '__typename')} }
      fragment b on Query { ${times(10, '__typename')} }`,
      'rootFields',
    ],
    ['6 times the same mutation', `mutation { ${times(6, 'logout')} }`, 'rootFields'],
  ])('of %s is refused, although the field would run once', async (_what, query, limit) => {
    const answer = await sendBody(app, { query });
    expect(answer.status).toBe(200);
    expect(answer.errors.map(({ extensions }) => extensions?.['limit'])).toEqual([limit]);
  });

  test.each([
    ['20 directives that may be there once', `{ serverTime ${times(20, '@skip(if: true)')} }`],
    [
      '20 fields that are not there',
      `{ ${Array.from({ length: 20 }, (_, n) => `x${n}`).join(' ')} }`,
    ],
    ['20 variables of no type', `query (${times(20, '$a: X ')}) { serverTime }`],
  ])(
    'of %s gets five errors at most, and the last says that there are more',
    async (_what, query) => {
      const { status, errors } = await sendBody(app, { query });
      expect(status).toBe(200);
      expect(errors).toHaveLength(5);
      expect(errors[4]?.message).toBe(
        'Too many validation errors, error limit reached. Validation aborted.',
      );
    },
  );

  test('of more than can be counted is refused with a message about it', async () => {
    expect(failure(await sendBody(app, { query: bomb(50, 5, '__typename') }))).toEqual({
      code: 'GRAPHQL_VALIDATION_FAILED',
      limit: 'recursiveSelections',
      maximum: 10_000,
      message:
        'Too many selections, fragments counted wherever they are used: a query may have 10,000, and this one has more than can be counted.',
    });
  });

  // As many as a body of 100 KB holds.
  const repeated = (text: string) => text.repeat(100_000 / (JSON.stringify(text).length - 2));
  const deep = (open: string, close: string) => `${open.repeat(5000)}1${close.repeat(5000)}`;
  test.each<[string, string]>([
    ['a list of 5,000 levels', `{ item(name: ${deep('[', ']')}) { id } }`],
    ['an object of 5,000 levels', `{ item(name: ${deep('{a:', '}')}) { id } }`],
    ['a default of 5,000 levels', `query ($a: Int = ${deep('[', ']')}) { serverTime }`],
    ['a condition of 5,000 levels', `{ serverTime @skip(if: ${deep('[', ']')}) }`],
    ['a type of 5,000 levels', `query ($a: ${deep('[', ']').replace('1', 'Int')}) { serverTime }`],
    ['selections of 5,000 levels', `{ ${nested(5000, 'me { ', 'id')} }`],
    ['inline fragments of 5,000 levels', `{ ${nested(5000, '... { ', '__typename')} }`],
    ...['{', '}', '[', '(', ')', '!', '$', '&', ':', '=', '@', '|', '...', 'a ', '1 ', '1.5 '].map(
      (sign): [string, string] => [`100 KB of ${sign}`, repeated(sign)],
    ),
    ['100 KB of strings', `{ ${repeated('"" ')} }`],
    ['100 KB of commas', repeated(',')],
    ['100 KB of comments', repeated('# nothing\n')],
    ['100 KB of fields', `{ ${repeated('id ')} }`],
    ['100 KB of directives', `{ serverTime ${repeated('@skip(if: true) ')} }`],
    ['100 KB of operations', repeated('query a { serverTime } ')],
    ['100 KB of fragments', `{ serverTime } ${repeated('fragment a on Query { serverTime } ')}`],
    ['100 KB of variables', `query (${repeated('$a: Int ')}) { serverTime }`],
  ])('of %s is refused by the parser', async (_what, query) => {
    const answer = await sendBody(app, { query });
    expect([answer.status, answer.errors.length]).toEqual([200, 1]);
    expect(failure(answer)?.['code']).toBe('GRAPHQL_PARSE_FAILED');
  });

  const limited = 'a: serverTime b: serverTime c: serverTime d: serverTime';
  test.each<[string, string, string[]]>([
    ['a fragment that spreads itself', '{ ...a } fragment a on Query { ...a serverTime }', []],
    ['an unused fragment that spreads itself', '{ id } fragment a on Query { ...a }', []],
    [
      'a circle of two fragments',
      '{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a ...a serverTime }',
      [],
    ],
    ['a circle of 30 fragments', `${bomb(30, 2, '...f0')}`, ['recursiveSelections']],
    [
      'a circle below a field',
      '{ me { ...a } } fragment a on User { me { ...a } securityEvents { edges { node { ...a } } } }',
      [],
    ],
    ['two fragments of one name', `{ ...a } ${times(2, 'fragment a on Query { serverTime }')}`, []],
    ['a fragment that does not exist', '{ ...a ...a }', []],
    ['a fragment on a type that does not exist', '{ ...a } fragment a on Nothing { id }', []],
    ['a fragment on a scalar', '{ ...a } fragment a on String { id }', []],
    ['a fragment on __proto__', '{ ...__proto__ } fragment __proto__ on __proto__ { id }', []],
    ['fields of Object', '{ __proto__ { constructor { toString } } constructor }', []],
    ['__schema where there is none', '{ me { __schema { me { id } } } }', []],
    ['a size that is no number', '{ items(first: [{ a: "b" }]) { edges { cursor } } }', []],
    ['a size that comes twice', '{ items(first: 1, first: 2) { edges { cursor } } }', []],
    ['a subscription', `subscription { ${aliases(16)} }`, ['aliases']],
    ['no operation', 'fragment a on Query { serverTime }', []],
    [
      '16 aliases beside the operation to run',
      `query a { __typename } query b { ${aliases(16)} }`,
      ['aliases'],
    ],
    [
      'two operations of 16 aliases',
      `query a { ${aliases(16)} } query b { ${aliases(17)} }`,
      ['aliases'],
    ],
    [
      '16 aliases in a fragment that is used four times',
      `{ ${times(4, '...a')} } fragment a on Query { ${limited} }`,
      ['aliases'],
    ],
    ['200 operations', times(200, 'query a { serverTime }'), []],
    ['300 directives on a field', `{ serverTime ${times(300, '@a')} }`, ['directives']],
    [
      '300 unknown fields',
      `{ ${Array.from({ length: 300 }, (_, index) => `a${index}`).join(' ')} }`,
      ['rootFields'],
    ],
    ['990 times the same field', `{ ${times(990, 'serverTime')} }`, ['rootFields']],
  ])('of %s is refused as not valid', async (_what, query, limits) => {
    const answer = await sendBody(app, { query, operationName: 'a' });
    expect([answer.status, answer.data]).toEqual([200, null]);
    expect(answer.errors.length).toBeLessThanOrEqual(5);
    for (const { extensions } of answer.errors) {
      expect(extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    }
    const named = answer.errors.flatMap(({ extensions }) => extensions?.['limit'] ?? []);
    expect(named).toEqual(limits);
  });

  describe('with the highest limits of the settings', () => {
    const most = '2147483647';
    let open: TestApp;
    beforeAll(async () => {
      const environment = Object.fromEntries(Object.values(variables).map((name) => [name, most]));
      open = await startApp({
        database: app.database,
        environment: { ...environment, DOCUMENT_MAX_TOKENS: '2500' },
      });
    });
    afterAll(() => open.close());

    const chain = (length: number, levels: number) => {
      const fragments = Array.from({ length }, (_, index) => {
        const next = index + 1 < length ? `...f${index + 1}` : '__typename';
        return `fragment f${index} on Query { ${nested(levels, '... { ', next)} }`;
      });
      return `{ ...f0 } ${fragments.join(' ')}`;
    };
    const half = (open: string, close: string) => `${open.repeat(1240)}${close.repeat(1240)}`;
    test.each<[string, string]>([
      ['nested selections', `{ ${nested(820, 'me { ', 'id')} }`],
      ['nested inline fragments', `{ ${nested(820, '... { ', '__typename')} }`],
      ['nested types', `{ __type(name: "Item") { ${nested(820, 'ofType { ', 'name')} } }`],
      ['a chain of fragments', chain(270, 0)],
      ['a chain of fragments with inline fragments', chain(60, 10)],
      ['a few long fragments', chain(3, 270)],
      ['a list', `{ item(name: ${half('[', ']')}) { id } }`],
      ['a condition', `{ serverTime @skip(if: ${half('[', ']')}) }`],
      ['an object', `{ item(name: ${'{a:'.repeat(620)}1${'}'.repeat(620)}) { id } }`],
      ['a type', `query ($a: ${half('[', ']').replace('[]', '[Int]')}) { serverTime }`],
    ])('%s of 2,500 tokens does not end the stack', async (_what, query) => {
      const answer = await sendBody(open, { query });
      expect(answer.status).toBe(200);
      expect(answer.errors.flatMap(({ extensions }) => extensions?.['limit'] ?? [])).toEqual([]);
    });
  });
});

test('a stack overflow in the parser is reported as a document that is nested too deeply', () => {
  const error = new RangeError('Maximum call stack size exceeded');
  const extensions = { code: 'GRAPHQL_PARSE_FAILED' };
  expect(documentError({ message: error.message, extensions }, error)).toEqual({
    message: 'Syntax Error: The document is nested too deeply.',
    extensions,
  });
});
