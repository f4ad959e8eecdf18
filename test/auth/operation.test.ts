import { type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type Authentication,
  anonymous,
  describeAccess,
  judgeOperation,
} from '../../src/auth/index.ts';
import { caller, guardedSchema } from './guardedSchema.ts';

function judge(schema: GraphQLSchema, query: string, authentication: Authentication) {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError('Expected an operation.');
  const access = describeAccess(schema, document, operation);
  return judgeOperation(access, authentication).map(({ extensions }) => extensions['reason']);
}

describe('a fragment on an interface of Query that is used at the root and below', () => {
  const query = 'query { ...F me { ...F } } fragment F on Named { name }';
  const schemaWith = (ofQuery: string, ofUser: string) =>
    guardedSchema(`
      interface Named { name: String }
      type Query implements Named { name: String ${ofQuery} me: User ${ofUser} }
      type User implements Named @auth { name: String }
    `);

  test('is open at the root for those who may there, whatever it asks below', () => {
    expect(judge(schemaWith('@public', '@auth'), query, anonymous)).toEqual([]);
  });

  test('is refused at the root for those who may not there, whatever they may below', () => {
    expect(judge(schemaWith('@admin', '@admin'), query, caller())).toEqual(['ADMIN_REQUIRED']);
  });
});

describe('what an operation asks', () => {
  const schema = guardedSchema('type Query { me: ID @auth time: ID @public all: ID @admin }');
  const document = parse('query A { me } query B { all }');
  const describeIn = (name: string, of = schema) => {
    const operation = getOperationAST(document, name);
    if (!operation) throw new TypeError('Expected an operation.');
    return describeAccess(of, document, operation);
  };

  test('is found once for as long as the document is there', () => {
    expect(describeIn('A')).toBe(describeIn('A'));
  });

  test('is by operation, and by schema', () => {
    const [a, b] = [describeIn('A'), describeIn('B')];
    expect(judgeOperation(a, caller())).toEqual([]);
    expect(judgeOperation(b, caller())).toHaveLength(1);
    const open = guardedSchema('type Query { me: ID @public all: ID @public }');
    expect(judgeOperation(describeIn('B', open), anonymous)).toEqual([]);
    expect(describeIn('B')).toBe(b);
  });
});
