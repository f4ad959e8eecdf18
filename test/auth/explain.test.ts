import { getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { callers, explainOperation, printRequirement } from '../../src/auth/index.ts';
import { guardedSchema, guards } from './guardedSchema.ts';

const schema = guardedSchema(`
  type Query { viewer: User @optionalAuth node: Node @public log: Log @fresh(maxAge: 60) checked: ID @verified }
  type Mutation { rename: User @auth drop: ID @admin }
  interface Node { id: ID @auth }
  type User implements Node @auth { id: ID active: Boolean @admin friend: User @verified }
  type Log implements Node { id: ID line: String }
`);

/** Each field in one line: verdict, path, coordinate, and what decides. */
function explain(query: string, caller: keyof typeof callers) {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError('Expected an operation.');
  const { refusedWhole, fields } = explainOperation(
    { schema, guards },
    { document, operation },
    callers[caller],
  );
  return {
    whole: refusedWhole.map(({ extensions }) => extensions['reason']),
    fields: fields.map(({ verdict, path, coordinate, requirement, error }) =>
      [
        verdict,
        path,
        coordinate,
        requirement && `${printRequirement(requirement)} on ${requirement.coordinate}`,
        error?.extensions['reason'],
      ]
        .filter(Boolean)
        .join(', '),
    ),
  };
}

test('each field is allowed, or refused by one directive on one place, or not reached behind that', () => {
  expect(explain('{ viewer { name: id active } log { line } }', 'user')).toEqual({
    whole: [],
    fields: [
      'allowed, viewer, Query.viewer',
      'allowed, viewer.name, User.id',
      'refused, viewer.active, User.active, @admin on User.active, ADMIN_REQUIRED',
      'refused, log, Query.log, @fresh(maxAge: 60) on Query.log, FRESH_TOKEN_REQUIRED',
      'not reached, log.line, Log.line',
    ],
  });
});

test('behind an interface, each type that could be there is told by itself', () => {
  expect(
    explain('{ node { ...F } } fragment F on Node { id ... on Log { line } }', 'anonymous'),
  ).toEqual({
    whole: [],
    fields: [
      'allowed, node, Query.node',
      'refused, node.id (User), User.id, @auth on User, TOKEN_MISSING',
      'refused, node.id (Log), Log.id, @auth on Node.id, TOKEN_MISSING',
      'allowed, node.line (Log), Log.line',
    ],
  });
});

test('a guard of the server decides by the user, so it depends', () => {
  expect(explain('{ checked }', 'user').fields).toEqual([
    'depends, checked, Query.checked, @verified on Query.checked',
  ]);
  expect(explain('{ checked }', 'anonymous').fields).toEqual([
    'refused, checked, Query.checked, @verified on Query.checked, TOKEN_MISSING',
  ]);
  expect(explain('{ viewer { friend { active } } }', 'admin').fields.slice(1)).toEqual([
    'depends, viewer.friend, User.friend, @verified on User.friend',
    'allowed, viewer.friend.active, User.active',
  ]);
});

test.each([
  ['anonymous', ['TOKEN_MISSING']],
  ['user', ['ADMIN_REQUIRED']],
  ['admin', []],
  ['fresh-admin', []],
] as const)('a mutation is refused whole or not: as %s', (caller, whole) => {
  expect(explain('mutation { rename { id } drop }', caller).whole).toEqual(whole);
});
