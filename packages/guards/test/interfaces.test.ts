import { type Authentication, accessOf, anonymous } from '@sallyport/guards';
import { describe, expect, test, vi } from 'vitest';
import { caller, failures, guardedSchema, run } from './guardedSchema.ts';
import { refusals } from './refusals.ts';

describe('a directive on an interface holds for the types that implement it', () => {
  const rest = `
    type Query { node: Node @public thing: Thing @public any: Any @public }
    type Thing implements Node { id: ID own: ID }
    union Any = Thing
  `;
  const resolvers = {
    Node: { __resolveType: () => 'Thing' },
    Any: { __resolveType: () => 'Thing' },
  };
  const ways = [
    '{ node { id } }',
    '{ node { ... on Thing { id } } }',
    '{ thing { id } }',
    '{ thing { ... on Node { id } } }',
    '{ any { ... on Node { id } } }',
    '{ any { ...F } } fragment F on Thing { alias: id }',
  ];
  const root = { node: { id: 1 }, thing: { id: 1 }, any: { id: 1 } };

  test.each(
    [
      ['on the interface', 'interface Node @auth { id: ID }'],
      ['on its field', 'interface Node { id: ID @auth }'],
      ['on an extension of it', 'interface Node { id: ID } extend interface Node @auth'],
    ].flatMap(([where = '', sdl = '']) => ways.map((way) => [where, way, sdl])),
  )('%s, by %s', (_where, way, sdl) => {
    const schema = guardedSchema(`${rest} ${sdl}`, resolvers);
    expect(failures(run(schema, way, anonymous, root))).toEqual([refusals.missing]);
    expect(run(schema, way, caller(), root).errors).toBeUndefined();
  });

  test('a directive on the interface holds for the fields that only the type has', () => {
    const ask = (sdl: string) =>
      failures(
        run(guardedSchema(`${rest} ${sdl}`, resolvers), '{ thing { own } }', anonymous, root),
      );
    expect(ask('interface Node @auth { id: ID }')).toEqual([refusals.missing]);
    expect(ask('interface Node { id: ID @auth }')).toEqual([]);
  });

  test('a directive holds through interfaces of interfaces, beside the other requirements', () => {
    const schema = guardedSchema(
      `type Query { thing: Thing @public }
       interface Top @auth { id: ID }
       interface Middle implements Top { id: ID @admin }
       type Thing implements Middle & Top { id: ID @fresh(maxAge: 60) }`,
    );
    const thing = schema.getType('Thing') as Parameters<typeof accessOf>[0];
    expect(accessOf(thing, 'id')?.requirements).toEqual([
      { directive: 'auth', args: {}, coordinate: 'Top' },
      { directive: 'fresh', args: { maxAge: 60 }, coordinate: 'Thing.id' },
      { directive: 'admin', args: {}, coordinate: 'Middle.id' },
    ]);
    const ask = (authentication: Authentication) =>
      failures(run(schema, '{ thing { id } }', authentication, { thing: { id: 1 } }));
    expect(ask(anonymous)).toEqual([refusals.missing]);
    expect(ask(caller())).toEqual([{ ...refusals.freshRequired, maxAge: 60 }]);
    expect(ask(caller({ passwordAgeSeconds: 0 }))).toEqual([refusals.adminRequired]);
    expect(ask(caller({ passwordAgeSeconds: 0, isAdmin: true }))).toEqual([]);
  });

  test('a directive does not hold for types that do not implement the interface', () => {
    const schema = guardedSchema(
      `type Query { thing: Thing @public other: Other @public }
       interface Node @auth { id: ID }
       type Thing implements Node { id: ID }
       type Other { id: ID }`,
    );
    const { data } = run(schema, '{ thing { id } other { id } }', anonymous, {
      thing: { id: 1 },
      other: { id: 2 },
    });
    expect(data).toEqual({ thing: { id: null }, other: { id: '2' } });
  });

  test('a directive holds when Query itself implements the interface', () => {
    const me = vi.fn(() => 1);
    const schema = guardedSchema(
      'interface Root @auth { me: ID } type Query implements Root { me: ID }',
      { Query: { me } },
    );
    expect(failures(run(schema, '{ me }', anonymous))).toEqual([refusals.missing]);
    expect(me).not.toHaveBeenCalled();
  });
});

test('what a field requires is added to its description, on interfaces too', () => {
  const schema = guardedSchema(`
    type Query {
      "Says when." time: ID @public
      maybe: ID @optionalAuth
      "Mine." mine: ID @auth
      fresh: ID @fresh
      recent: ID @fresh(maxAge: 60) @auth
      both: ID @fresh @admin
      own: ID @verified @auth
      node: Node @public
    }
    interface Node @auth { "Its id." id: ID @admin }
    type Thing implements Node { id: ID plain: ID }
    type Open { plain: ID }
  `);
  const descriptions = ['Query', 'Node', 'Thing', 'Open'].flatMap((name) =>
    Object.values((schema.getType(name) as Parameters<typeof accessOf>[0]).getFields()).map(
      (field) => [`${name}.${field.name}`, field.description ?? null],
    ),
  );
  expect(Object.fromEntries(descriptions)).toEqual({
    'Query.time': 'Says when.\n\nRequires: nothing.',
    'Query.maybe': 'Requires: no token, or a valid one.',
    'Query.mine': 'Mine.\n\nRequires: a signed-in user.',
    'Query.fresh': 'Requires: a fresh token.',
    'Query.recent': 'Requires: a password check at most 60 seconds ago.',
    'Query.both': 'Requires: a fresh token and an administrator.',
    'Query.own': 'Requires: @verified.',
    'Query.node': 'Requires: nothing.',
    'Node.id': 'Its id.\n\nRequires: an administrator.',
    'Thing.id': 'Requires: an administrator.',
    'Thing.plain': 'Requires: a signed-in user.',
    'Open.plain': null,
  });
});
