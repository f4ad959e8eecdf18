import {
  type Authentication,
  anonymous,
  argumentGuard,
  type Guards,
  guardSchema,
  objectGuard,
} from '@sallyport/guards';
import { GraphQLError } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
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

const user = (id: unknown, change = {}) => caller({ user: { id }, ...change });
const admin = user('other', { isAdmin: true });
const build = (typeDefs: string, resolvers = {}, all: Guards = guards) =>
  guardSchema(unguardedSchema(`${sightDirectives} ${typeDefs}`, resolvers), { guards: all });

describe('@owner', () => {
  const total = vi.fn(() => 5);
  const ask = (object: unknown, authentication: Authentication, args = 'field: "userId"') => {
    total.mockClear();
    const schema = build(
      `type Query { invoice: Invoice @public } type Invoice { total: Int @owner(${args}) }`,
      { Query: { invoice: () => object }, Invoice: { total } },
    );
    const result = run(schema, '{ invoice { total } }', authentication);
    const given = (result.data?.['invoice'] as { total: number | null } | null)?.total ?? null;
    expect(total).toHaveBeenCalledTimes(given === null ? 0 : 1);
    return { given, failures: failures(result) };
  };
  const passes = { given: 5, failures: [] };
  const refused = { given: null, failures: [refusals.ownerRequired] };

  test.each<[string, unknown, unknown]>([
    ['the same text', { userId: 'ada' }, 'ada'],
    ['a number and its text', { userId: 7 }, '7'],
    ['a text and its number', { userId: '7' }, 7],
    ['the same number', { userId: 7 }, 7],
    ['a large number and its text', { userId: 12345678901234567890n }, '12345678901234567890'],
    [
      'an accessor of a class',
      new (class {
        userId = 'ada';
      })(),
      'ada',
    ],
  ])('lets the owner of the object pass: %s', (_how, object, id) => {
    expect(ask(object, user(id))).toEqual(passes);
  });

  test.each<[string, unknown, unknown]>([
    ['another user', { userId: 'eve' }, 'ada'],
    ['an object without the field', { user: 'ada' }, 'ada'],
    ['a field that is null, and a user without an id', { userId: null }, null],
    ['a field that is undefined, and a user without an id', { userId: undefined }, undefined],
    ['an empty text', { userId: '' }, ''],
    ['a function, such as a resolver on the object', { userId: () => 'ada' }, 'ada'],
    ['a promise', { userId: Promise.resolve('ada') }, 'ada'],
    ['a list', { userId: ['ada'] }, 'ada'],
    ['NaN', { userId: Number.NaN }, Number.NaN],
    ['a number that is not whole', { userId: 0.5 }, 0.5],
    ['another spelling of a number', { userId: '07' }, 7],
    ['truth', { userId: true }, true],
    ['a text', 'userId', 'ada'],
  ])('refuses %s', (_what, object, id) => {
    expect(ask(object, user(id))).toEqual(refused);
  });

  test('refuses a field that every object inherits', () => {
    expect(ask({}, user('x'), 'field: "constructor"')).toEqual(refused);
    expect(ask({}, user('x'), 'field: "__proto__"')).toEqual(refused);
  });

  test('refuses administrators, unless its argument "or" admits them', () => {
    const object = { userId: 'ada' };
    expect(ask(object, admin)).toEqual(refused);
    expect(ask(object, admin, 'field: "userId", or: ADMIN')).toEqual(passes);
    expect(ask(object, user('eve'), 'field: "userId", or: ADMIN')).toEqual({
      given: null,
      failures: [refusals.adminRequired],
    });
    expect(ask(object, user('ada'), 'field: "userId", or: ADMIN')).toEqual(passes);
  });

  test('requires a user first', () => {
    const object = { userId: 'ada' };
    expect(ask(object, anonymous)).toEqual({ given: null, failures: [refusals.missing] });
    expect(ask(object, rejected)).toEqual({ given: null, failures: [refusals.revoked] });
  });

  test('judges each object of a list by itself', () => {
    const schema = build(
      'type Query { all: [Invoice] @public } type Invoice { total: Int @owner(field: "userId") }',
    );
    const all = ['ada', 'eve', 'ada'].map((userId) => ({ userId, total: 5 }));
    const result = run(schema, '{ all { total } }', user('ada'), { all });
    expect(result.data).toEqual({ all: [{ total: 5 }, { total: null }, { total: 5 }] });
    expect(result.errors?.map(({ path }) => path)).toEqual([['all', 1, 'total']]);
    const none = run(schema, '{ all { total } }', anonymous, { all });
    expect(failures(none)).toEqual(Array(3).fill(refusals.missing));
  });

  test('on an interface and on the type requires both', () => {
    const schema = build(
      `type Query { any: Owned @public }
       interface Owned @owner(field: "userId") { id: ID }
       type Invoice implements Owned @owner(field: "makerId") { id: ID }`,
      { Owned: { __resolveType: () => 'Invoice' } },
    );
    const ask = (any: object) =>
      run(schema, '{ any { id } }', user('ada'), { any: { id: 1, ...any } });
    expect(ask({ userId: 'ada', makerId: 'ada' }).data).toEqual({ any: { id: '1' } });
    expect(failures(ask({ userId: 'ada', makerId: 'eve' }))).toEqual([refusals.ownerRequired]);
    expect(failures(ask({ userId: 'eve', makerId: 'ada' }))).toEqual([refusals.ownerRequired]);
  });
});

describe('@self', () => {
  const found = vi.fn(() => 5);
  const ask = (args: string, authentication: Authentication, type = 'ID') => {
    found.mockClear();
    const schema = build(
      `type Query { salary(of: ${type}): Int @self(argument: "of") open: Int @public }`,
      { Query: { salary: found } },
    );
    const result = run(schema, `{ salary${args} open }`, authentication);
    expect(found).toHaveBeenCalledTimes(result.data?.['salary'] === null ? 0 : 1);
    return result.errors ? failures(result) : 'passes';
  };

  test.each<[string, string, unknown]>([
    ['(of: "ada")', 'ID', 'ada'],
    ['(of: 7)', 'ID', '7'],
    ['(of: 7)', 'ID', 7],
    ['(of: 7)', 'Int', '7'],
    ['(of: "ada")', '[ID]', 'ada'],
    ['(of: ["ada", "ada"])', '[ID]', 'ada'],
    ['', 'ID = "ada"', 'ada'],
  ])('lets salary%s of %s pass for the user %j', (args, type, id) => {
    expect(ask(args, user(id), type)).toBe('passes');
  });

  test.each<[string, string, unknown]>([
    ['(of: "eve")', 'ID', 'ada'],
    ['', 'ID', 'ada'],
    ['', 'ID', undefined],
    ['(of: null)', 'ID', 'ada'],
    ['(of: null)', 'ID', null],
    ['(of: "")', 'ID', ''],
    ['(of: [])', '[ID]', 'ada'],
    ['(of: ["ada", "eve"])', '[ID]', 'ada'],
    ['(of: ["ada", null])', '[ID]', 'ada'],
    ['(of: [["ada"]])', '[[ID]]', 'ada'],
    ['', 'ID = "eve"', 'ada'],
  ])('refuses salary%s of %s for the user %j', (args, type, id) => {
    expect(ask(args, user(id), type)).toEqual([refusals.selfRequired]);
  });

  test('refuses administrators, and requires a user first', () => {
    expect(ask('(of: "ada")', admin)).toEqual([refusals.selfRequired]);
    expect(ask('(of: "ada")', anonymous)).toEqual([refusals.missing]);
  });

  test('judges each alias with other arguments by itself', () => {
    const schema = build('type Query { salary(of: ID): Int @self(argument: "of") }');
    const query = '{ mine: salary(of: "ada") hers: salary(of: "eve") }';
    const result = run(schema, query, user('ada'), { salary: 5 });
    expect(result.data).toEqual({ mine: 5, hers: null });
  });

  test('on the field of an interface holds for each type', () => {
    const schema = build(
      `type Query { any: Named @public }
       interface Named { name(of: ID): ID @self(argument: "of") }
       type User implements Named { name(of: ID): ID }`,
      { Named: { __resolveType: () => 'User' } },
    );
    const ask = (query: string) => run(schema, query, user('ada'), { any: { name: 'n' } });
    for (const query of [
      '{ any { name(of: "ada") } }',
      '{ any { ... on User { name(of: "ada") } } }',
    ]) {
      expect(ask(query).data).toEqual({ any: { name: 'n' } });
      expect(failures(ask(query.replace('ada', 'eve')))).toEqual([refusals.selfRequired]);
    }
  });
});

describe('a guard of the server', () => {
  const wrong: [string, () => unknown][] = [
    ['undefined', () => undefined],
    ['true', () => true],
    ['a promise', async () => null],
    ['a promise that fails', () => Promise.reject(new Error('later'))],
  ];
  const typeDefs = `
    directive @can on FIELD_DEFINITION
    type Query { t: T @public } type T { a(of: ID): Int @can }`;
  const ask = (can: Guards[string]) =>
    run(build(typeDefs, {}, { ...guards, can }), '{ t { a } }', caller(), { t: { a: 1 } });

  test.each(wrong)('that returns %s refuses every caller', (_what, give) => {
    for (const can of [argumentGuard(give as never), objectGuard(give as never)]) {
      expect(ask(can).data).toEqual({ t: { a: null } });
      expect(failures(ask(can))).toEqual([
        { message: 'A guard gave neither null nor an error at once.' },
      ]);
    }
  });

  test('that throws refuses every caller', () => {
    const can = objectGuard(() => {
      throw new Error('broken');
    });
    expect(ask(can).data).toEqual({ t: { a: null } });
    expect(failures(ask(can))).toEqual([{ message: 'broken' }]);
  });

  test('receives the arguments of the directive, the arguments of the field, and the object', () => {
    const seen: unknown[] = [];
    const note = (...given: unknown[]) => {
      seen.push(given.slice(1));
      return null;
    };
    const all = { ...guards, looks: argumentGuard(note), sees: objectGuard(note) };
    const schema = build(
      `directive @looks(n: Int) on FIELD_DEFINITION directive @sees(n: Int) on FIELD_DEFINITION
       type Query { t: T @public } type T { a(of: Int = 3): Int @sees(n: 2) @looks(n: 1) }`,
      {},
      all,
    );
    run(schema, '{ t { a } }', caller(), { t: { a: 1 } });
    expect(seen).toEqual([
      [{ n: 1 }, { of: 3 }],
      [{ n: 2 }, { a: 1 }],
    ]);
  });

  test('that sees the object runs after the other guards, in any order of the guards', () => {
    const refuse = (message: string) => () => new GraphQLError(message);
    const schema = (order: readonly string[]) => {
      const own: Guards = {
        object: objectGuard(refuse('object')),
        looks: argumentGuard(refuse('argument')),
        who: refuse('caller'),
      };
      const chosen = Object.fromEntries(order.map((name) => [name, own[name] ?? null]));
      const directives = order.map((name) => `@${name}`).join(' ');
      return build(
        `${order.map((name) => `directive @${name} on FIELD_DEFINITION`).join(' ')}
         type Query { t: T @public } type T { a: Int ${directives} }`,
        {},
        { ...guards, ...chosen },
      );
    };
    const first = (order: readonly string[]) =>
      failures(run(schema(order), '{ t { a } }', caller(), { t: {} }))[0]?.message;
    expect(first(['object', 'looks', 'who'])).toBe('caller');
    expect(first(['object', 'looks'])).toBe('argument');
    expect(first(['object'])).toBe('object');
  });
});
