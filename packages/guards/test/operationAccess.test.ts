import {
  type Authentication,
  anonymous,
  describeAccess,
  effectiveRequirements,
  type Guard,
  guardSchema,
  judgeOperation,
} from '@sallyport/guards';
import { GraphQLError, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { caller, failures, guardedSchema, guards, run, unguardedSchema } from './guardedSchema.ts';

function judge(schema: GraphQLSchema, query: string, authentication: Authentication) {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError('Expected an operation.');
  const access = describeAccess(schema, document, operation);
  return judgeOperation(access, authentication, {}).map(({ extensions }) => extensions['reason']);
}

describe('a fragment on an interface of Query that is used at the root and below', () => {
  const query = 'query { ...F me { ...F } } fragment F on Named { name }';
  const schemaWith = (ofQuery: string, ofUser: string) =>
    guardedSchema(`
      interface Named { name: String }
      type Query implements Named { name: String ${ofQuery} me: User ${ofUser} }
      type User implements Named @auth { name: String }
    `);

  test('is open at the root for callers admitted there, whatever it requires below', () => {
    expect(judge(schemaWith('@public', '@auth'), query, anonymous)).toEqual([]);
  });

  test('is refused at the root for callers not admitted there, whatever they may read below', () => {
    expect(judge(schemaWith('@admin', '@admin'), query, caller())).toEqual(['ADMIN_REQUIRED']);
  });
});

describe('the requirements of an operation', () => {
  const schema = guardedSchema('type Query { me: ID @auth time: ID @public all: ID @admin }');
  const document = parse('query A { me } query B { all }');
  const describeIn = (name: string, of = schema) => {
    const operation = getOperationAST(document, name);
    if (!operation) throw new TypeError('Expected an operation.');
    return describeAccess(of, document, operation);
  };

  test('are computed once for the life of the document', () => {
    expect(describeIn('A')).toBe(describeIn('A'));
  });

  test('are kept by operation and by schema', () => {
    const [a, b] = [describeIn('A'), describeIn('B')];
    expect(judgeOperation(a, caller(), {})).toEqual([]);
    expect(judgeOperation(b, caller(), {})).toHaveLength(1);
    const open = guardedSchema('type Query { me: ID @public all: ID @public }');
    expect(judgeOperation(describeIn('B', open), anonymous, {})).toEqual([]);
    expect(describeIn('B')).toBe(b);
  });
});

describe('a guard that returns neither null nor an error', () => {
  const open = 'type Query { me: ID @verified } type Mutation { change: ID @verified }';
  const wrong: [string, () => unknown][] = [
    ['undefined', () => undefined],
    ['true', () => true],
    ['text', () => 'no'],
    ['a promise', async () => null],
    ['a promise that fails', () => Promise.reject(new Error('later'))],
  ];

  test.each(
    wrong.flatMap(([what, give]) => [
      [what, '{ me }', give] as const,
      [what, 'mutation { change }', give] as const,
    ]),
  )(
    'for %s: %s does not pass the first door, and the process goes on',
    async (_what, query, give) => {
      const unhandled = vi.fn();
      process.on('unhandledRejection', unhandled);
      try {
        const verified = give as unknown as Guard;
        const schema = guardSchema(unguardedSchema(open), { guards: { ...guards, verified } });
        expect(() => judge(schema, query, caller())).toThrow(
          new TypeError('A guard gave neither null nor an error at once.'),
        );
        // Node tells of what nobody catches after the promises that are waiting.
        await new Promise((resolve) => setImmediate(resolve));
        expect(unhandled).not.toHaveBeenCalled();
      } finally {
        process.off('unhandledRejection', unhandled);
      }
    },
  );

  test('refuses every caller beside another guard too', () => {
    const verified = (() => undefined) as unknown as Guard;
    const schema = guardSchema(unguardedSchema('type Query { me: ID @auth @verified }'), {
      guards: { ...guards, verified },
    });
    expect(() => judge(schema, '{ me }', caller())).toThrow(TypeError);
    expect(failures(run(schema, '{ me }', caller(), { me: 'told' }))).toEqual([
      { message: 'A guard gave neither null nor an error at once.' },
    ]);
  });
});

describe('the errors of an operation that is refused whole', () => {
  test('are merged by reason, with all places in the order of the document', () => {
    const schema = guardedSchema('type Query { a: ID @auth b: ID @admin c: ID @auth }');
    const document = parse('{ c b a }');
    const operation = getOperationAST(document);
    if (!operation) throw new TypeError('Expected an operation.');
    const [error, ...others] = judgeOperation(
      describeAccess(schema, document, operation),
      anonymous,
      {},
    );
    expect(error?.locations?.map(({ column }) => column)).toEqual([3, 5, 7]);
    expect(others).toEqual([]);
  });

  test('may have extensions that are no JSON', () => {
    const verified: Guard = () => new GraphQLError('No.', { extensions: { size: 1n } });
    const schema = guardSchema(unguardedSchema('type Query { a: ID @verified b: ID @verified }'), {
      guards: { ...guards, verified },
    });
    expect(judge(schema, '{ a b }', caller())).toHaveLength(1);
  });
});

describe('directives whose arguments only look alike are checked one by one', () => {
  test.each([
    ['[1, 2]', '"1,2"'],
    ['{ a: 1 }', '{ a: 2 }'],
    ['1', '"1"'],
  ])('%s and %s', (one, other) => {
    const asked: unknown[] = [];
    const can: Guard = (_authentication, { of }) => {
      asked.push(of);
      return null;
    };
    const schema = guardSchema(
      unguardedSchema(
        `scalar Anything directive @can(of: Anything) on FIELD_DEFINITION
         type Query { a: ID @can(of: ${one}) b: ID @can(of: ${other}) }`,
      ),
      { guards: { ...guards, can } },
    );
    run(schema, '{ a b }', caller());
    expect(new Set(asked.map((value) => JSON.stringify(value))).size).toBe(2);
  });

  test('an argument of null is the same as no argument', () => {
    const schema = unguardedSchema('type Query { a: ID @fresh(maxAge: null) b: ID @fresh }');
    const query = schema.getQueryType();
    if (!query) throw new TypeError('Expected a query type.');
    const [a, b] = ['a', 'b'].map((name) => effectiveRequirements(schema, query, name, guards)[0]);
    expect(a?.args).toEqual({});
    expect(b?.args).toEqual({});
  });
});
