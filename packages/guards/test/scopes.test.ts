import {
  type Authenticated,
  type Authentication,
  anonymous,
  callers,
  describeAccess,
  guardSchema,
  judgeOperation,
  scopesOf,
  toChallenge,
} from '@sallyport/guards';
import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  caller,
  failures,
  guards,
  rejected,
  run,
  sightDirectives,
  unguardedSchema,
} from './guardedSchema.ts';
import { refusals } from './refusals.ts';

const build = (typeDefs: string) =>
  guardSchema(unguardedSchema(`${sightDirectives} ${typeDefs}`), { guards });

describe('@requiresScopes', () => {
  const ask = (written: string, scopes: Authenticated['scopes']) => {
    const schema = build(
      `type Query { t: T @public } type T { a: Int @requiresScopes(scopes: ${written}) }`,
    );
    const { scopes: _none, ...withoutScopes } = caller();
    const who = scopes === undefined ? withoutScopes : { ...withoutScopes, scopes };
    const result = run(schema, '{ t { a } }', who, { t: { a: 1 } });
    return result.errors ? failures(result) : 'passes';
  };
  const one = '[["items:write"]]';
  const either = '[["items:write"], ["admin"]]';
  const both = '[["items:write", "items:read"]]';

  test.each<[string, string, Authenticated['scopes']]>([
    ['a session, which has all scopes', both, 'all'],
    ['a caller with the scope', one, ['items:write']],
    ['a caller with the scope and others', one, ['admin', 'items:write']],
    ['a caller with the first of two alternative scopes', either, ['admin']],
    ['a caller with the second of two alternative scopes', either, ['items:write']],
    ['a caller with both required scopes', both, ['items:read', 'items:write']],
    ['a caller with all scopes of one list', '[["a", "b"], ["c"]]', ['c']],
  ])('allows %s', (_who, written, scopes) => {
    expect(ask(written, scopes)).toBe('passes');
  });

  test.each<[string, string, unknown]>([
    ['without scopes', one, []],
    ['whose scopes are not known', one, undefined],
    ['whose scopes are no list', one, 'items:write'],
    ['whose scopes are null', one, null],
    ['with another scope', one, ['items:read']],
    ['with a prefix of the scope', one, ['items']],
    ['with the scope in capitals', one, ['ITEMS:WRITE']],
    ['with a scope named all', one, ['all']],
    ['with one of two required scopes', both, ['items:write']],
    ['with half of each list', '[["a", "b"], ["a", "c"]]', ['a']],
  ])('refuses a caller %s', (_who, written, scopes) => {
    expect(ask(written, scopes as Authenticated['scopes'])).toEqual([
      {
        code: 'FORBIDDEN',
        reason: 'SCOPE_REQUIRED',
        message: 'This token does not have the scope for that.',
        scopes: JSON.parse(written),
      },
    ]);
  });

  test.each<[string, Authentication, object]>([
    ['reports a missing token first', anonymous, refusals.missing],
    ['reports an invalid token first', rejected, refusals.revoked],
  ])('%s', (_what, authentication, refusal) => {
    const schema = build(`type Query { a: Int @requiresScopes(scopes: ${one}) }`);
    expect(failures(run(schema, '{ a }', authentication))).toEqual([refusal]);
  });
});

test('a token with the scope admin of a user without the right is refused by @admin', () => {
  const schema = build('type Query { a: Int @admin @requiresScopes(scopes: [["admin"]]) }');
  const ask = (change: Partial<Authenticated>) =>
    run(schema, '{ a }', caller(change), { a: 1 }).errors?.map(
      ({ extensions }) => extensions['reason'],
    );
  expect(ask({ scopes: ['admin'] })).toEqual(['ADMIN_REQUIRED']);
  expect(ask({ scopes: [], isAdmin: true })).toEqual(['SCOPE_REQUIRED']);
  expect(ask({ scopes: ['admin'], isAdmin: true })).toBeUndefined();
});

test('the scopes on a type, an interface and a field are all required', () => {
  const schema = build(`
    type Query { t: T @public }
    interface I @requiresScopes(scopes: [["i"]]) { a: Int }
    type T implements I @requiresScopes(scopes: [["t"]]) { a: Int @requiresScopes(scopes: [["f"]]) }
  `);
  const ask = (...scopes: string[]) =>
    run(schema, '{ t { a } }', caller({ scopes }), { t: { a: 1 } }).data;
  expect(ask('i', 't', 'f')).toEqual({ t: { a: 1 } });
  for (const two of [
    ['i', 't'],
    ['t', 'f'],
    ['i', 'f'],
  ]) {
    expect(ask(...two)).toEqual({ t: { a: null } });
  }
});

describe('a schema is refused at the start', () => {
  test.each(['[]', '[[]]', '[["a"], []]', '[[""]]', '[["a b"]]', '[["a\\"b"]]', '[["ä"]]'])(
    'with the scopes %s, which would admit every caller or none',
    (written) => {
      expect(() => build(`type Query { a: Int @requiresScopes(scopes: ${written}) }`)).toThrow(
        new TypeError(
          'Query.a has @requiresScopes, whose scopes are not lists of one scope or more.',
        ),
      );
    },
  );
});

test('scopesOf returns each list of scopes of a schema once', () => {
  const schema = build(`
    type Query { a: Int @requiresScopes(scopes: [["x", "y"], ["z"]]) b: Int @requiresScopes(scopes: [["z"]]) }
  `);
  expect(scopesOf(schema)).toEqual([['x', 'y'], ['z']]);
});

test('the challenge names the scopes of the first list', () => {
  const schema = build('type Query { a: Int @requiresScopes(scopes: [["x", "y"], ["z"]]) }');
  const document = parse('{ a }');
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError('Expected an operation.');
  const access = describeAccess(schema, document, operation);
  const errors = judgeOperation(access, { ...callers.user, scopes: [] }, {});
  expect(toChallenge(errors, 'shop')).toEqual({
    status: 403,
    authenticate:
      'Bearer realm="shop", error="insufficient_scope", scope="x y", error_description="This token does not have the scope for that."',
  });
});

test.each([
  ['[["a"]]', 'Requires: the scope a.'],
  ['[["a", "b"]]', 'Requires: the scopes a and b.'],
  ['[["a", "b"], ["c"]]', 'Requires: the scopes a and b, or the scope c.'],
])('%s is described as %s', (written, described) => {
  const schema = build(`type Query { a: Int @requiresScopes(scopes: ${written}) }`);
  expect(schema.getQueryType()?.getFields()['a']?.description).toBe(described);
});
