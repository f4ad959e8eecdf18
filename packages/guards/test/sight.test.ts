import {
  argumentGuard,
  assertGuarded,
  authGuards,
  callers,
  describeGuard,
  explainOperation,
  findLosses,
  findUnforeseen,
  type Guards,
  guardSchema,
  isGuard,
  mapAccess,
  objectGuard,
  printAccessMap,
  printRequirement,
  printUnforeseen,
  proveAccess,
  signedIn,
} from '@sallyport/guards';
import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  caller,
  guards,
  rejected,
  run,
  sightDirectives,
  unguardedSchema,
} from './guardedSchema.ts';

const own = authGuards({ freshSeconds: 300 });
const build = (typeDefs: string, all: Guards = guards) =>
  guardSchema(unguardedSchema(`${sightDirectives} ${typeDefs}`), { guards: all });
const shop = `
  type Query { invoice: Invoice @auth report: Invoice @admin all: [Invoice!]! @auth salary(of: ID): Int @self(argument: "of") }
  type Mutation { pay: Invoice @auth cancel: [Thing] @auth drop: Int @admin }
  type Invoice { total: Int @owner(field: "userId") notes: Int @owner(field: "userId", or: ADMIN) no: Int }
  type Letter { text: String }
  union Thing = Letter | Parcel
  type Parcel { of: Invoice }
`;
const schema = build(shop);

describe('a guard without an object or argument to judge is refused at the start', () => {
  const noObject =
    'which decides by an object: a field of Query, Mutation or Subscription belongs to none.';
  test.each([
    [
      'the object of a root field',
      'type Query { a: Int @owner(field: "id") }',
      `Query.a has @owner(field: "id"), ${noObject}`,
    ],
    [
      'the objects of a root type',
      'type Query { a: Int @public } type Mutation @owner(field: "id") { b: Int }',
      `Mutation.b has @owner(field: "id") of Mutation, ${noObject}`,
    ],
    [
      'the object of a root field that an interface asks for',
      'interface I @owner(field: "id") { a: Int } type Query implements I { a: Int }',
      `Query.a has @owner(field: "id") of I, ${noObject}`,
    ],
    [
      'the object of a field of a root type with another name',
      'schema { query: Root } type Root { a: Int @owner(field: "id") }',
      `Root.a has @owner(field: "id"), ${noObject}`,
    ],
    [
      'an argument that the field does not have',
      'type Query { a(ids: ID): Int @self(argument: "id") }',
      'Query.a has @self(argument: "id"), which decides by its argument id: the field has none of that name.',
    ],
    [
      'an argument without a name',
      'type Query { a(id: ID): Int @self(argument: "") }',
      'Query.a has @self, whose argument is not named.',
    ],
    [
      'a field without a name',
      'type Query { a: T @public } type T { b: Int @owner(field: "") }',
      'T.b has @owner, whose field is not named.',
    ],
  ])('%s', (_what, typeDefs, problem) => {
    expect(() => build(typeDefs)).toThrow(new TypeError(problem));
  });
});

describe('the access map', () => {
  const reachIn = (sdl: string) =>
    Object.fromEntries(
      mapAccess(build(sdl), { guards }).map(({ coordinate, reach }) => [
        coordinate,
        reach.map(({ requirements }) => requirements.map(printRequirement).join(' ')),
      ]),
    );

  test('lists a guard that sees an object as a requirement of its own, implied by no other but its exemption', () => {
    expect(reachIn(shop)).toMatchObject({
      'Invoice.total': ['@owner(field: "userId")'],
      'Invoice.notes': ['@owner(field: "userId", or: "ADMIN")'],
      'Invoice.no': ['@auth'],
      'Query.salary': ['@self(argument: "of")'],
    });
    expect(
      reachIn(
        'type Query { t: T @admin } type T { a: Int @owner(field: "u") b: Int @owner(field: "u", or: ADMIN) }',
      ),
    ).toMatchObject({ 'T.a': ['@admin @owner(field: "u")'], 'T.b': ['@admin'] });
  });

  test('lists @owner on two objects of a path as two requirements', () => {
    const reach = reachIn(`
      type Query { t: T @public }
      type T { u: U @owner(field: "id") same: T @owner(field: "id") }
      type U { a: Int @owner(field: "id") }
    `);
    expect(reach['U.a']).toEqual(['@owner(field: "id") @owner(field: "id")']);
  });

  test('lists the fields that are judged after a mutation has run', () => {
    const page = printAccessMap(mapAccess(schema, { guards }), findUnforeseen(schema, { guards }));
    expect(page).toContain(
      '- `@owner(field: "userId")` decides about `Invoice.total` after `Mutation.pay` and 1 more has happened\n',
    );
    expect(printAccessMap(mapAccess(schema, { guards }))).not.toContain('After a mutation');
  });
});

test('fields judged after a mutation are found through lists, unions and other objects', () => {
  const found = findUnforeseen(schema, { guards });
  expect(found.map(printUnforeseen)).toEqual([
    '`@owner(field: "userId")` decides about `Invoice.total` after `Mutation.pay` and 1 more has happened',
    '`@owner(field: "userId", or: "ADMIN")` decides about `Invoice.notes` after `Mutation.pay` and 1 more has happened',
  ]);
  expect(found[0]?.mutations).toEqual(['Mutation.pay', 'Mutation.cancel']);
  const without = build('type Query { t: T @public } type T { a: Int @owner(field: "u") }');
  expect(findUnforeseen(without, { guards })).toEqual([]);
  const elsewhere = build(
    'type Query { t: T @public } type Mutation { m: Int @auth } type T { a: Int @owner(field: "u") }',
  );
  expect(findUnforeseen(elsewhere, { guards })).toEqual([]);
});

test('a guard that sees an object on the path does not prevent the report of a loss', () => {
  const lossy = build(
    'type Query { t: T @auth } type T { a: Int! @owner(field: "u") b: Int! @auth }',
  );
  expect(findLosses(lossy, { guards })).toEqual([{ refused: 'T.a', removed: 'Query.t' }]);
  // The next object may be of somebody else.
  const chain = build('type Query { t: T @auth } type T @owner(field: "u") { a: Int! next: T }');
  expect(findLosses(chain, { guards })).toEqual([
    { refused: 'T.a', removed: 'Query.t' },
    { refused: 'T.a', removed: 'T.next' },
  ]);
});

describe('an explanation', () => {
  const explain = (query: string, who: keyof typeof callers) => {
    const document = parse(query);
    const operation = getOperationAST(document);
    if (!operation) throw new TypeError('Expected an operation.');
    const { fields } = explainOperation({ schema, guards }, { document, operation }, callers[who]);
    return fields.map(({ path, verdict, dependsOn, error }) =>
      [path, verdict, dependsOn ?? error?.extensions['reason']].filter(Boolean).join(' '),
    );
  };
  const query = '{ invoice { total notes } salary(of: 1) }';

  test('says that a field depends on the object or on arguments', () => {
    expect(explain(query, 'user')).toEqual([
      'invoice allowed',
      'invoice.total depends object',
      'invoice.notes depends object',
      'salary depends arguments',
    ]);
    expect(explain(query, 'admin')).toEqual([
      'invoice allowed',
      'invoice.total depends object',
      'invoice.notes allowed',
      'salary depends arguments',
    ]);
  });

  test('says that an anonymous caller is refused, whatever the guard sees', () => {
    expect(explain(query, 'anonymous')).toEqual([
      'invoice refused TOKEN_MISSING',
      'invoice.total not reached',
      'invoice.notes not reached',
      'salary refused TOKEN_MISSING',
    ]);
  });
});

describe('a description', () => {
  const describedBy = (typeDefs: string, coordinate: string, all: Guards = guards) => {
    const [typeName = '', fieldName = ''] = coordinate.split('.');
    const type = build(typeDefs, all).getType(typeName);
    return type && 'getFields' in type ? type.getFields()[fieldName]?.description : null;
  };

  test.each([
    ['Invoice.total', 'Requires: the owner of the object.'],
    ['Invoice.notes', 'Requires: the owner of the object, or an administrator.'],
    ['Query.salary', 'Requires: the caller\'s own id as "of".'],
  ])('of %s states the requirement', (coordinate, description) => {
    expect(describedBy(shop, coordinate)).toBe(description);
  });

  test.each<[string, Guards[string], string]>([
    [
      'a caller guard',
      describeGuard(
        'a full name',
        signedIn(() => null),
      ),
      'a full name',
    ],
    [
      'a guard whose description uses its arguments',
      describeGuard(
        ({ of }) => `a name of ${of} letters`,
        argumentGuard(() => null),
      ),
      'a name of 3 letters',
    ],
    [
      'an object guard',
      describeGuard(
        'a draft',
        objectGuard(() => null),
      ),
      'a draft',
    ],
    ['a guard without a description', signedIn(() => null), '@can(of: 3)'],
  ])('of a guard of the server: %s', (_what, can, requires) => {
    const typeDefs =
      'directive @can(of: Int) on FIELD_DEFINITION type Query { t: T @public } type T { a: Int @can(of: 3) }';
    expect(describedBy(typeDefs, 'T.a', { ...guards, can })).toBe(`Requires: ${requires}.`);
  });

  test('does not change what a guard decides', () => {
    const can = describeGuard(
      'nothing',
      objectGuard((_caller, _args, object) => {
        throw new Error(`Seen: ${JSON.stringify(object)}`);
      }),
    );
    const served = build(
      'directive @can on FIELD_DEFINITION type Query { t: T @public } type T { a: Int @can }',
      { ...guards, can },
    );
    const { errors } = run(served, '{ t { a } }', caller(), { t: { a: 1 } });
    expect(errors?.map(({ message }) => message)).toEqual(['Seen: {"a":1}']);
    expect(() => describeGuard('nothing', null as never)).toThrow(TypeError);
  });
});

test.each<[unknown, boolean]>([
  [() => null, true],
  [own.owner, true],
  [own.self, true],
  [own.requiresScopes, true],
  [describeGuard('a', () => null), true],
  [null, false],
  [{}, false],
  [{ kind: 'object', ofCaller: () => null }, false],
  [{ kind: 'argument', decide: () => null }, false],
  [{ kind: 'other', ofCaller: () => null, decide: () => null }, false],
])('%o is a guard: %s', (value, expected) => {
  expect(isGuard(value)).toBe(expected);
});

describe('assertGuarded', () => {
  test('covers guards that see arguments and objects', () => {
    expect(() => assertGuarded(schema)).not.toThrow();
    const field = schema.getQueryType()?.getFields()['salary'];
    if (!field) throw new TypeError('Expected a field.');
    Object.defineProperty(field, 'resolve', { value: () => 1 });
    const served = build(shop).getQueryType()?.getFields()['salary'];
    expect(() => assertGuarded(schema)).toThrow(
      'Query.salary is served without the guard of @self(argument: "of")',
    );
    expect(served?.resolve).toBeTypeOf('function');
  });

  test('a resolver that is assigned later runs behind guards that see objects too', () => {
    const later = build(shop);
    const invoice = later.getType('Invoice');
    if (!invoice || !('getFields' in invoice)) throw new TypeError('Expected a type.');
    const total = invoice.getFields()['total'];
    if (!total || !('resolve' in total)) throw new TypeError('Expected a field.');
    total.resolve = () => 7;
    const ask = (userId: string) =>
      run(later, '{ invoice { total } }', caller({ user: { id: 'ada' } }), { invoice: { userId } })
        .data;
    expect(ask('ada')).toEqual({ invoice: { total: 7 } });
    expect(ask('eve')).toEqual({ invoice: { total: null } });
    expect(run(later, '{ invoice { total } }', rejected, {}).data).toEqual({ invoice: null });
  });
});

test('a proof tries guards that see objects with objects of the caller and of others', async () => {
  const proof = await proveAccess(build(shop, own), { guards: own });
  expect(proof.operations).toBeGreaterThan(50);
  const withScopes = `${shop} extend type Invoice { paid: Int @requiresScopes(scopes: [["a"], ["b", "c"]]) }`;
  const { callers: tried } = await proveAccess(build(withScopes, own), { guards: own });
  expect(tried - proof.callers).toBe(3);
});
