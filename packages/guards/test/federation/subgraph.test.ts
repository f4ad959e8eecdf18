import { buildSubgraphSchema } from '@apollo/subgraph';
import { extendSchema, graphql, parse } from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  anonymous,
  assertGuarded,
  authTypeDefs,
  callers,
  dryRun,
  guardSchema,
  mapAccess,
  printAccessMap,
  proveAccess,
  rejectedCallers,
} from '../../src/index.ts';
import {
  apollo,
  ask,
  find,
  forget,
  guards,
  judge,
  ledger,
  mercurius,
  product,
  type Reference,
  resolved,
  settings,
  told,
  user,
} from './subgraphs.ts';

beforeEach(forget);

describe.each([
  ['@apollo/subgraph', apollo],
  ['@mercuriusjs/federation', mercurius],
])('a subgraph of %s', (library, build) => {
  const schema = guardSchema(build(), settings);

  test('passes assertGuarded, guarded once or twice', () => {
    expect(() => assertGuarded(schema)).not.toThrow();
    expect(() => assertGuarded(guardSchema(schema, settings))).not.toThrow();
  });

  test('returns its SDL to every caller', async () => {
    const source = '{ _service { sdl } }';
    const contextValue = { authentication: anonymous };
    const { data, errors } = await graphql({ schema, source, contextValue });
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).toMatch(/type User.*@key.*@auth/);
    expect(judge(schema, source, anonymous)).toEqual({ isAsked: false, reasons: [] });
  });

  test.each([
    ['missing', anonymous, 'TOKEN_MISSING'],
    ['expired', rejectedCallers.expired, 'TOKEN_EXPIRED'],
    ['revoked', rejectedCallers.revoked, 'TOKEN_REVOKED'],
  ])(
    'resolves references to open types alone for a caller whose token is %s',
    async (_title, caller, reason) => {
      const { entities, reasons } = await ask(schema, caller, [user, product, ledger, user]);
      expect(entities).toEqual([
        null,
        { __typename: 'Product', id: '2', title: 'chair', cost: null },
        null,
        null,
      ]);
      expect(reasons.toSorted()).toEqual([
        ['_entities.0', reason],
        ['_entities.1.cost', reason],
        ['_entities.2', reason],
        ['_entities.3', reason],
      ]);
      expect(resolved).toEqual(['Product 2']);
      expect(new Set(told.map(({ coordinate }) => coordinate))).toEqual(
        new Set(['User', 'Ledger', 'Product.cost']),
      );
    },
  );

  test('returns to each caller the entities whose types admit the caller, in order', async () => {
    const plain = await ask(schema, callers.user, [ledger, user, product]);
    expect(plain.entities).toEqual([
      null,
      { __typename: 'User', id: '1', name: 'ada', salary: null },
      { __typename: 'Product', id: '2', title: 'chair', cost: null },
    ]);
    expect(resolved).toEqual(['User 1', 'Product 2']);
    const admin = await ask(schema, callers.admin, [ledger, user, ledger]);
    expect(admin.reasons).toEqual([]);
    expect(admin.entities).toEqual([
      { __typename: 'Ledger', id: '3', total: 9 },
      { __typename: 'User', id: '1', name: 'ada', salary: 5 },
      { __typename: 'Ledger', id: '3', total: 9 },
    ]);
  });

  test.each([
    [
      'an object type without a key',
      { __typename: 'Note', text: 'mine' },
      'Note is no entity of this subgraph.',
    ],
    ['a root type', { __typename: 'Query' }, 'Query is no entity of this subgraph.'],
    ['an unknown type', { __typename: 'Else' }, 'Else is no entity of this subgraph.'],
    ['no type', {}, 'undefined is no entity of this subgraph.'],
    ['a list of types', { __typename: ['User'] }, 'User is no entity of this subgraph.'],
  ])('refuses a reference to %s', async (_title, reference, message) => {
    const { entities, reasons } = await ask(schema, callers.admin, [reference, user]);
    expect(entities[0]).toBeNull();
    expect(entities[1]).toMatchObject({ name: 'ada' });
    expect(reasons).toEqual([['_entities.0', message]]);
    expect(resolved).toEqual(['User 1']);
  });

  test('refuses at the first door a selection that every selected type would refuse', () => {
    const of = (selection: string) =>
      `query ($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`;
    const toAnonymous = (selection: string) => judge(schema, of(selection), anonymous).reasons;
    expect(toAnonymous('... on User { name }')).toEqual(['TOKEN_MISSING']);
    expect(toAnonymous('... on User { name } ... on Ledger { total }')).toEqual(['TOKEN_MISSING']);
    expect(toAnonymous('... on User { name } ... on Product { title }')).toEqual([]);
    expect(toAnonymous('__typename')).toEqual([]);
    expect(judge(schema, of('... on Ledger { total }'), callers.user).reasons).toEqual([
      'ADMIN_REQUIRED',
    ]);
    expect(
      judge(schema, of('... on Ledger { id } ... on User { id }'), callers.user).reasons,
    ).toEqual([]);
    expect(judge(schema, of('... on Ledger { id }'), callers.admin).reasons).toEqual([]);
    const open = `query ($r: [_Any!]!) { time _entities(representations: $r) { ... on User { id } } }`;
    expect(judge(schema, open, anonymous).reasons).toEqual([]);
    // Which references will come, nobody knows yet: the caller has to be known.
    expect(judge(schema, of('__typename'), anonymous).isAsked).toBe(true);
    expect(judge(schema, of('... on Product { title }'), anonymous).isAsked).toBe(true);
  });

  test('fails where the caller was not authenticated', async () => {
    const { entities, reasons } = await ask(schema, null as never, [product]);
    expect(entities).toBeNull();
    expect(reasons).toEqual([
      ['_entities', 'Query._entities was reached before the caller was authenticated.'],
    ]);
    expect(resolved).toEqual([]);
  });

  test('guards a resolver of _entities that is assigned later', async () => {
    const later = guardSchema(build(), settings);
    const field = later.getQueryType()?.getFields()['_entities'];
    if (!field) throw new Error('There is the field.');
    field.resolve = (_root, { representations }) => {
      resolved.push(`all ${representations.length}`);
      return representations.map((each: Reference) => ({ ...each }));
    };
    expect(() => assertGuarded(later)).not.toThrow();
    expect((await ask(later, anonymous, [user, ledger])).entities).toEqual([null, null]);
    expect(resolved).toEqual([]);
  });

  test('is refused with a resolver of _entities that bypasses the guards', () => {
    const rebuilt = guardSchema(build(), settings);
    const fields = rebuilt.getQueryType()?.getFields();
    const field = fields?.['_entities'];
    if (!fields || !field) throw new Error('There is the field.');
    Object.defineProperty(field, 'resolve', { value: () => [] });
    expect(() => assertGuarded(rebuilt)).toThrow(
      'Query._entities is served without the guard of its types: guard the schema last',
    );
  });

  test('guards fields that are added later, when it is guarded again', async () => {
    const extended = extendSchema(schema, parse('extend type User { email: String @admin }'));
    expect(() => assertGuarded(extended)).toThrow('User.email is served without the guard of');
    const again = guardSchema(extended, settings);
    expect(() => assertGuarded(again)).not.toThrow();
    const { entities } = await ask(again, anonymous, [user]);
    expect(entities).toEqual([null]);
    // What extends a schema takes along what stands in its extensions, and not what Mercurius puts on a type.
    const name = library === '@apollo/subgraph' ? 'ada' : null;
    expect((await ask(again, callers.user, [user])).entities[0]).toMatchObject({ name });
  });

  test('resolves references to an entity that is added later, when it is guarded again', async () => {
    const more = 'extend union _Entity = Newer type Newer { id: ID }';
    const extended = extendSchema(schema, parse(more));
    const newer = { __typename: 'Newer', id: '9' };
    const source = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on Newer { id } }
    }`;
    expect((await ask(extended, anonymous, [newer], source)).entities).toEqual([null]);
    const again = guardSchema(extended, settings);
    expect((await ask(again, anonymous, [newer], source)).entities).toEqual([{ id: '9' }]);
  });

  test('has the fields below _entities in the proof of access and in the access map', async () => {
    const { operations } = await proveAccess(schema, { guards });
    expect(operations).toBeGreaterThan(50);
    const map = printAccessMap(mapAccess(schema, { guards }));
    expect(map).toContain('_entities { ... on Product { title } }');
    const name = mapAccess(schema, { guards }).find(({ coordinate }) => coordinate === 'User.name');
    expect(name?.requirements.map(({ directive }) => directive)).toEqual(['auth']);
  });
});

describe('a subgraph whose Query has requirements of its own', () => {
  const watched = dryRun(guards.admin);
  const schema = guardSchema(
    buildSubgraphSchema({
      typeDefs: parse(`
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
        ${authTypeDefs}
        directive @watched on OBJECT
        type Query @auth @watched { me: User }
        type User @key(fields: "id") @admin { id: ID! name: String }
        type Product @key(fields: "id") { id: ID! }
      `),
      resolvers: { User: { __resolveReference: find('User', { name: 'ada' }) } },
    }),
    { guards: { ...guards, watched }, onRefusal: (refused) => void told.push(refused) },
  );

  const check = async () => {
    expect(() => assertGuarded(schema)).not.toThrow();
    const source =
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';
    expect((await ask(schema, anonymous, [user], source)).reasons).toEqual([
      ['_entities.0', 'TOKEN_MISSING'],
    ]);
    expect((await ask(schema, callers.user, [user], source)).reasons).toEqual([
      ['_entities.0', 'ADMIN_REQUIRED'],
    ]);
    expect((await ask(schema, anonymous, [product], source)).reasons).toEqual([
      ['_entities', 'TOKEN_MISSING'],
    ]);
    expect(resolved).toEqual([]);
    expect((await ask(schema, callers.admin, [user], source)).entities).toEqual([
      { __typename: 'User' },
    ]);
  };

  test('checks the requirements of Query and of the entity types', check);

  test('checks both around a resolver that is assigned later', async () => {
    const field = schema.getQueryType()?.getFields()['_entities'];
    const before = field?.resolve;
    if (field) field.resolve = (...given) => before?.(...given);
    await check();
  });
});
