import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildFederationSchema } from '@mercuriusjs/federation';
import {
  buildSchema,
  extendSchema,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  graphql,
  isObjectType,
  parse,
} from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Authentication,
  anonymous,
  assertGuarded,
  authGuards,
  authTypeDefs,
  callers,
  describeAccess,
  dryRun,
  effectiveRequirements,
  guardSchema,
  judgeOperation,
  mapAccess,
  objectGuard,
  printAccessMap,
  proveAccess,
  type Refused,
  rejectedCallers,
} from '../src/index.ts';

const guards = authGuards({ freshSeconds: 300 });
const told: Refused[] = [];
const settings = { guards, onRefusal: (refused: Refused) => void told.push(refused) };

const types = `
  type Query {
    me: User @auth
    time: String @public
  }
  type User @key(fields: "id") @auth {
    id: ID!
    name: String
    salary: Int @admin
  }
  type Product @key(fields: "id") {
    id: ID!
    title: String
    cost: Int @admin
  }
  type Ledger @key(fields: "id") @admin {
    id: ID!
    total: Int
  }
  type Note {
    text: String
  }
`;

/** What was resolved, by reference or as a field of an object. */
const resolved: string[] = [];
beforeEach(() => {
  resolved.length = 0;
  told.length = 0;
});

type Reference = Readonly<Record<string, unknown>>;
type Called = (...given: readonly unknown[]) => unknown;
const find =
  (type: string, more: object) =>
  (reference: Reference): object => {
    resolved.push(`${type} ${reference['id']}`);
    return { ...more, id: reference['id'] };
  };

const apollo = () =>
  buildSubgraphSchema({
    typeDefs: parse(
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
       ${authTypeDefs} ${types}`,
    ),
    resolvers: {
      User: { __resolveReference: find('User', { name: 'ada', salary: 5 }) },
      Product: { __resolveReference: find('Product', { title: 'chair', cost: 3 }) },
      Ledger: {
        __resolveReference: async (reference: Reference) => find('Ledger', { total: 9 })(reference),
      },
    },
  });

const mercurius = () => {
  const schema = buildFederationSchema(`${authTypeDefs} ${types}`);
  const resolvers = {
    User: find('User', { name: 'ada', salary: 5 }),
    Product: find('Product', { title: 'chair', cost: 3 }),
    Ledger: async (reference: Reference) => find('Ledger', { total: 9 })(reference),
  };
  for (const [name, resolveReference] of Object.entries(resolvers)) {
    Object.assign(schema.getType(name) ?? {}, { resolveReference });
  }
  return schema;
};

const query = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on User { id name salary }
    ... on Product { id title cost }
    ... on Ledger { id total }
  }
}`;

async function ask(
  schema: GraphQLSchema,
  authentication: Authentication,
  representations: readonly Reference[],
  source = query,
) {
  const contextValue = { authentication };
  const variableValues = { representations };
  const { data, errors } = await graphql({ schema, source, contextValue, variableValues });
  const reasons = (errors ?? []).map(({ path, extensions, message }) => [
    path?.join('.'),
    extensions['reason'] ?? message,
  ]);
  const entities = JSON.parse(JSON.stringify(data?.['_entities'] ?? null));
  return { entities, reasons };
}

function judge(schema: GraphQLSchema, source: string, authentication: Authentication) {
  const document = parse(source);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('There is an operation.');
  const access = describeAccess(schema, document, operation);
  const errors = judgeOperation(access, authentication, {});
  return {
    isAsked: access.guarded.length > 0,
    reasons: errors.map(({ extensions }) => extensions['reason']),
  };
}

const user = { __typename: 'User', id: '1' };
const product = { __typename: 'Product', id: '2' };
const ledger = { __typename: 'Ledger', id: '3' };

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

describe('reference resolvers', () => {
  const extension = (schema: GraphQLSchema, name: string) => {
    const { extensions } = schema.getType(name) ?? {};
    return (extensions as { apollo?: { subgraph?: { resolveReference: Called } } }).apollo?.subgraph
      ?.resolveReference;
  };

  test('check the requirements of the type, wherever they are called from', () => {
    const before = apollo();
    const schema = guardSchema(before, settings);
    const ofUser = extension(schema, 'User');
    expect(() => ofUser?.(user, { authentication: anonymous }, {})).toThrow('Sign in first');
    expect(() => ofUser?.(user, {}, {})).toThrow('before the caller was authenticated');
    expect(ofUser?.(user, { authentication: callers.user }, {})).toMatchObject({ name: 'ada' });
    expect(extension(schema, 'Product')).toBe(extension(before, 'Product'));
    // The schema that it was made from stays what it was.
    expect(extension(before, 'User')?.(user, {}, {})).toMatchObject({ name: 'ada' });
  });

  test('that Mercurius assigns later check the requirements of the type too', () => {
    const schema = guardSchema(buildFederationSchema(`${authTypeDefs} ${types}`), settings);
    const type = schema.getType('User') as { resolveReference?: Called };
    expect(type.resolveReference).toBeUndefined();
    type.resolveReference = find('User', { name: 'ada' }) as Called;
    const call = (authentication: Authentication) =>
      type.resolveReference?.(user, {}, { authentication }, {});
    expect(() => call(anonymous)).toThrow('Sign in first');
    expect(call(callers.user)).toMatchObject({ name: 'ada' });
    const again = guardSchema(schema, settings).getType('User') as typeof type;
    expect(() => again.resolveReference?.(user, {}, { authentication: anonymous }, {})).toThrow(
      'Sign in first',
    );
  });
});

describe('an interface with a key', () => {
  const build = (onInterface: string, resolveReference?: (reference: Reference) => unknown) =>
    guardSchema(
      buildSubgraphSchema({
        typeDefs: parse(`
          extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
          ${authTypeDefs}
          type Query { time: String @public }
          interface Media @key(fields: "id") ${onInterface} { id: ID! title: String }
          type Book implements Media @key(fields: "id") { id: ID! title: String }
          type Secret implements Media @key(fields: "id") @admin { id: ID! title: String }
        `),
        resolvers: {
          Media: {
            __resolveType: ({ id }: Reference) => (id === 's' ? 'Secret' : 'Book'),
            ...(resolveReference && { __resolveReference: resolveReference }),
          },
          Book: { __resolveReference: find('Book', { title: 'Emma' }) },
          Secret: { __resolveReference: find('Secret', { title: 'Codes' }) },
        },
      }),
      settings,
    );
  const source = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { __typename ... on Media { title } }
  }`;
  const book = { __typename: 'Media', id: 'b' };
  const secret = { __typename: 'Media', id: 's' };

  test('has its own requirements checked, and those of each type', async () => {
    const schema = build('@auth');
    expect((await ask(schema, anonymous, [book, secret], source)).reasons).toEqual([
      ['_entities.0', 'TOKEN_MISSING'],
      ['_entities.1', 'TOKEN_MISSING'],
    ]);
    const concrete = [{ __typename: 'Book', id: 'b' }];
    expect((await ask(schema, anonymous, concrete, source)).reasons).toEqual([
      ['_entities.0', 'TOKEN_MISSING'],
    ]);
    expect(resolved).toEqual([]);
    expect((await ask(schema, callers.user, [book], source)).entities).toEqual([
      { __typename: 'Book', title: 'Emma' },
    ]);
  });

  test('is not resolved for a caller whom each of its types would refuse', async () => {
    const schema = guardSchema(
      buildSubgraphSchema({
        typeDefs: parse(`
          extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
          ${authTypeDefs}
          type Query { time: String @public }
          interface Media @key(fields: "id") { id: ID! title: String }
          type Code implements Media @key(fields: "id") @fresh { id: ID! title: String }
          type Secret implements Media @key(fields: "id") @admin { id: ID! title: String }
        `),
        resolvers: {
          Media: { __resolveReference: find('Media', {}), __resolveType: () => 'Secret' },
        },
      }),
      settings,
    );
    expect((await ask(schema, callers.user, [book], source)).reasons).toEqual([
      ['_entities.0', 'FRESH_TOKEN_REQUIRED'],
    ]);
    expect(resolved).toEqual([]);
    await ask(schema, callers.admin, [book], source);
    expect(resolved).toEqual(['Media b']);
  });

  test('does not resolve a type with more requirements, whether the subgraph or the reference resolver finds the type', async () => {
    const { entities } = await ask(build('@auth'), callers.user, [book, secret], source);
    expect(entities?.[1] ?? null).toBeNull();
    expect(resolved.filter((each) => each.startsWith('Secret'))).toEqual([]);
    resolved.length = 0;
    const own = build('', (reference) => ({ ...reference, title: 'Codes' }));
    const answer = await ask(own, anonymous, [book, secret], source);
    expect(answer.entities[0]).toEqual({ __typename: 'Book', title: 'Codes' });
    expect(answer.entities[1]?.title ?? null).toBeNull();
  });
});

describe('a guard that decides by the object', () => {
  const sdl = (directive: string) => `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    ${authTypeDefs}
    directive @draft on FIELD_DEFINITION | OBJECT
    type Query { time: String @public }
    type Invoice @key(fields: "id") { id: ID! total: Int ${directive} }
  `;
  const draft = objectGuard(() => new GraphQLError('Not yet.'));
  const all = { ...guards, draft };
  const build = (directive: string, resolvers: object = {}) =>
    guardSchema(
      buildSubgraphSchema({ typeDefs: parse(sdl(directive)), resolvers: resolvers as never }),
      {
        guards: all,
      },
    );

  test.each(['@owner(field: "userId")', '@draft'])(
    '%s is refused on an entity without __resolveReference',
    (directive) => {
      expect(() => assertGuarded(build(directive))).toThrow(
        `Invoice.total has ${directive}, which decides by the object: Invoice needs a __resolveReference`,
      );
      const found = build(directive, { Invoice: { __resolveReference: () => ({}) } });
      expect(() => assertGuarded(found)).not.toThrow();
    },
  );

  describe('below an entity', () => {
    const buildShop = (resolvers: object, fieldResolver?: Called) =>
      guardSchema(
        buildSubgraphSchema({
          typeDefs: parse(`
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
            ${authTypeDefs}
            type Query { time: String @public }
            type Shop @key(fields: "id") { id: ID! desk: Desk @auth }
            type Desk { all: [Paper] }
            union Paper = Account | Letter
            type Letter { text: String }
            type Account { userId: ID balance: Int @owner(field: "userId") }
          `),
          resolvers: resolvers as never,
        }),
        { guards, ...(fieldResolver && { fieldResolver: fieldResolver as never }) },
      );
    const problem =
      'Account.balance has @owner(field: "userId"), which decides by the object: Shop needs a __resolveReference';

    test.each<[string, object, Called?]>([
      ['where each object is read from the reference', {}],
      ['where the guarded object is read from the reference', { Account: { balance: () => 5 } }],
      ['with a default resolver of one’s own', {}, (object) => object],
    ])('is refused without __resolveReference, %s', (_title, resolvers, fieldResolver) => {
      const schema = buildShop(resolvers, fieldResolver);
      expect(() => assertGuarded(schema)).toThrow(problem);
      expect(() => assertGuarded(guardSchema(schema, { guards }))).toThrow(problem);
    });

    test.each<[string, object]>([
      ['where the entity has __resolveReference', { Shop: { __resolveReference: () => ({}) } }],
      [
        'where a resolver of the entity returns the parent of the object',
        { Shop: { desk: () => ({}) } },
      ],
      ['where a resolver below the entity returns the object', { Desk: { all: () => [] } }],
    ])('is accepted %s', (_title, resolvers) => {
      expect(() => assertGuarded(buildShop(resolvers))).not.toThrow();
    });
  });

  test('judges the object that was found, not the fields of the reference', async () => {
    const schema = build('@owner(field: "userId")', {
      Invoice: { __resolveReference: ({ id }: Reference) => ({ id, userId: '7', total: 5 }) },
    });
    const caller = { ...callers.user, user: { id: '8' } };
    const lie = { __typename: 'Invoice', id: '1', userId: '8', total: 1 };
    const source = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on Invoice { total } }
    }`;
    expect(await ask(schema, caller, [lie], source)).toEqual({
      entities: [{ total: null }],
      reasons: [['_entities.0.total', 'OWNER_REQUIRED']],
    });
  });
});

describe('directives of federation', () => {
  const build = (imports: string, more: string) =>
    guardSchema(
      buildSubgraphSchema({
        typeDefs: parse(`
          extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: [${imports}])
          ${authTypeDefs}
          ${more}
        `),
      }),
      settings,
    );

  test('that control composition need not be named as guards or others', () => {
    const more = `type Query { all: A @public @tag(name: "a") } type A @key(fields: "id") @shareable { id: ID @federation__inaccessible }`;
    expect(() => build('"@key", "@shareable", "@tag"', more)).not.toThrow();
  });

  test('that control access are refused without a guard', () => {
    const more =
      'type Query { all: Int @public } type A @key(fields: "id") { id: ID @authenticated }';
    expect(() => build('"@key", "@authenticated"', more)).toThrow(
      'A.id has @authenticated, which is no guard',
    );
    const spelled = 'type Query { all: Int @public } type A { id: ID @federation__authenticated }';
    expect(() => build('"@key"', spelled)).toThrow('A.id has @federation__authenticated');
  });

  test('are unknown outside of a subgraph', () => {
    const typeDefs = 'directive @tag on FIELD_DEFINITION type Query { all: Int @public @tag }';
    const schema = buildSchema(`${authTypeDefs} ${typeDefs}`);
    expect(() => guardSchema(schema, settings)).toThrow('Query.all has @tag, which is no guard');
  });

  test('do not change a field named _service of another type', () => {
    const more =
      'type Query { a: A @public } type A @key(fields: "id") { id: ID _service: String }';
    const schema = build('"@key"', more);
    const type = schema.getType('A');
    const requirements =
      isObjectType(type) && effectiveRequirements(schema, type, '_service', guards);
    expect(requirements).toEqual([]);
  });

  test('do not open root fields named _service and _entities outside of a subgraph', () => {
    const naked = buildSchema(
      `${authTypeDefs} type Query { _service: String _entities: Int } type _Service { sdl: String }`,
    );
    expect(() => guardSchema(naked, settings)).toThrow(
      /Query\._service has no access directive.*\n.*Query\._entities has no/,
    );
  });
});
