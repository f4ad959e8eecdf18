import {
  AuthError,
  anonymous,
  callers,
  explainOperation,
  guardSchema,
  printRequirement,
  signedIn,
} from '@sallyport/guards';
import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { guardedSchema, guards, unguardedSchema } from './guardedSchema.ts';

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

test('each field is allowed, refused by one directive on one place, or not reached behind a refused field', () => {
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

test('behind an interface, each possible type is explained by itself', () => {
  expect(
    explain('{ node { ...F } } fragment F on Node { id ... on Log { line } }', 'anonymous'),
  ).toEqual({
    whole: [],
    fields: [
      'allowed, node, Query.node',
      'refused, node (User).id, User.id, @auth on User, TOKEN_MISSING',
      'refused, node (Log).id, Log.id, @auth on Node.id, TOKEN_MISSING',
      'allowed, node (Log).line, Log.line',
    ],
  });
});

test('the verdict on a field with a guard of the server is that it depends on the user', () => {
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

test('a guard of the server that reads the user is not called', () => {
  const curious = {
    ...guards,
    verified: signedIn<{ roles: string[] }>(({ user }) =>
      user.roles.length ? null : new AuthError('ADMIN_REQUIRED'),
    ),
  };
  const document = parse('mutation { m }');
  const schema = guardSchema(
    unguardedSchema('type Query { a: ID @public } type Mutation { m: ID @verified }'),
    { guards: curious },
  );
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError('Expected an operation.');
  const request = { document, operation };
  const explained = explainOperation({ schema, guards: curious }, request, callers.user);
  expect(explained.refusedWhole).toEqual([]);
  expect(explained.fields).toMatchObject([{ path: 'm', verdict: 'depends' }]);
});

test('a field that is reached through one type and not through another is explained for each type', () => {
  const ways = guardedSchema(`
    type Query { n: N @public } union N = A | B
    type A { owner: User } type B { owner: User @admin } type User { name: String }
  `);
  const document = parse('{ n { ... on A { owner { name } } ... on B { owner { name } } } }');
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError('Expected an operation.');
  const { fields } = explainOperation({ schema: ways, guards }, { document, operation }, anonymous);
  expect(fields.map(({ path, verdict }) => `${path} ${verdict}`)).toEqual([
    'n allowed',
    'n (A).owner allowed',
    'n (A).owner.name allowed',
    'n (B).owner refused',
    'n (B).owner.name not reached',
  ]);
});

describe('of an operation whose fragments make very many fields', () => {
  const schemaOf = (directive: string) =>
    guardedSchema(`
      type Query { t: T @public }
      type Mutation { t: T @public }
      type T { t: T id: ID secret: ID ${directive} }
    `);
  const levels = 24;
  const write = (kind: string, twice: (fragment: string) => string) =>
    [
      `${kind} { t { ...F0 } }`,
      ...Array.from(
        { length: levels },
        (_, level) => `fragment F${level} on T { ${twice(`...F${level + 1}`)} }`,
      ),
      `fragment F${levels} on T { id secret }`,
    ].join(' ');
  const explainAll = (source: string, directive: string) => {
    const schema = schemaOf(directive);
    const document = parse(source);
    const operation = getOperationAST(document);
    if (!operation) throw new TypeError('Expected an operation.');
    return explainOperation({ schema, guards }, { document, operation }, callers.user);
  };

  test('at different places, the first ten thousand fields are explained, and the whole refusal counts all', () => {
    const twice = (fragment: string) => `a: t { ${fragment} } b: t { ${fragment} }`;
    const { fields, hasMore, refusedWhole } = explainAll(write('mutation', twice), '@admin');
    expect(fields).toHaveLength(10_000);
    expect(hasMore).toBe(true);
    expect(refusedWhole.map(({ extensions }) => extensions['reason'])).toEqual(['ADMIN_REQUIRED']);
    expect(explainAll(write('query', twice), '@admin').refusedWhole).toEqual([]);
    expect(explainAll(write('mutation', twice), '@auth').refusedWhole).toEqual([]);
  });

  test('at the same places, each field is explained once', () => {
    const twice = (fragment: string) => `t { ${fragment} } t { ${fragment} }`;
    const { fields, hasMore } = explainAll(write('query', twice), '@admin');
    expect(fields).toHaveLength(levels + 3);
    expect(hasMore).toBe(false);
    expect(fields.at(-1)).toMatchObject({ coordinate: 'T.secret', verdict: 'refused' });
  });
});
