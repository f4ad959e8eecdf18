import {
  type Authentication,
  anonymous,
  argumentGuard,
  callers,
  describeAccess,
  dryRun,
  explainOperation,
  findLosses,
  findUnforeseen,
  type Guard,
  type Guards,
  guardSchema,
  judgeOperation,
  mapAccess,
  objectGuard,
  printRequirement,
  proveAccess,
  type Refused,
  signedIn,
} from '@sallyport/guards';
import { type ExecutionResult, execute, GraphQLError, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { caller, guards, run, sightDirectives, unguardedSchema } from './guardedSchema.ts';

const soonTypeDefs = `
  directive @soon on FIELD_DEFINITION | OBJECT | INTERFACE
  type Query { t: T @public list: [T] @auth both: Int @admin @soon open: Int @public @soon }
  type Mutation { write: T @auth admin: Int @admin }
  type Subscription { ticks: Int @auth @soon }
  type T { a: Int @soon b: Int @soon @admin of(id: ID): Int @soon owned: Int @owner(field: "u") }
`;

function build(soon: Guard, typeDefs = soonTypeDefs, all: Guards = { ...guards, soon }) {
  const told: Refused[] = [];
  const schema = guardSchema(unguardedSchema(`${sightDirectives} ${typeDefs}`), {
    guards: all,
    onRefusal: (refused) => told.push(refused),
  });
  const seen = () =>
    told.map(({ coordinate, door, isDryRun, error }) =>
      [coordinate, door, isDryRun ? 'would be' : 'is', error.message].join(' '),
    );
  return { schema, seen, told };
}

const adminOnly = dryRun(guards.admin);
const root = { t: { a: 1, b: 2 }, list: [{ a: 1 }, { a: 2 }], both: 3, open: 4 };

describe('a guard in dry run', () => {
  test('refuses no caller, and reports each field that it would refuse once in a request', () => {
    const { schema, seen } = build(adminOnly);
    const result = run(schema, '{ t { a } list { a again: a } }', caller(), root);
    expect(result.errors).toBeUndefined();
    expect(result.data).toEqual({
      t: { a: 1 },
      list: [
        { a: 1, again: 1 },
        { a: 2, again: 2 },
      ],
    });
    expect(seen()).toEqual(['T.a second would be Administrators only.']);
    run(schema, '{ t { a } }', caller(), root);
    expect(seen()).toHaveLength(2);
    run(schema, '{ t { a } }', caller({ isAdmin: true }), root);
    expect(seen()).toHaveLength(2);
  });

  test('runs after the other guards, and not where another guard has refused', () => {
    const { schema, seen } = build(dryRun(() => new GraphQLError('Soon.')));
    run(schema, '{ both open }', caller(), root);
    expect(seen()).toEqual([
      'Query.both second is Administrators only.',
      'Query.open second would be Soon.',
    ]);
    run(schema, '{ both }', callers.admin, root);
    expect(seen().at(-1)).toBe('Query.both second would be Soon.');
  });

  test.each<[string, Guard, Authentication, string[]]>([
    [
      'the caller',
      dryRun(signedIn(() => null)),
      anonymous,
      ['Sign in first: no access token was sent.'],
    ],
    [
      'arguments',
      dryRun(
        argumentGuard((_caller, _args, { id }) => (id === '1' ? null : new GraphQLError('Of 1.'))),
      ),
      caller(),
      ['Of 1.'],
    ],
    [
      'the object',
      dryRun(
        objectGuard(
          (_caller, _args, { a }: { a: number } = { a: 0 }) => new GraphQLError(`Seen ${a}.`),
        ),
      ),
      caller(),
      ['Seen 1.'],
    ],
  ])('may look at %s', (_what, soon, authentication, expected) => {
    const typeDefs = `directive @soon on FIELD_DEFINITION
      type Query { t: T @public } type T { of(id: ID): Int @soon }`;
    const { schema, seen } = build(soon, typeDefs);
    const result = run(schema, '{ t { of(id: 2) } }', authentication, { t: { a: 1, of: 5 } });
    expect(result.data).toEqual({ t: { of: 5 } });
    expect(seen()).toEqual(expected.map((message) => `T.of second would be ${message}`));
  });

  test.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'broken',
    ],
    ['returns undefined', () => undefined, 'A guard gave neither null nor an error at once.'],
    ['returns a promise', async () => null, 'A guard gave neither null nor an error at once.'],
  ])(
    'counts as one that would refuse, and refuses no caller, when it %s',
    (_what, give, message) => {
      const { schema, seen } = build(dryRun(give as never));
      expect(run(schema, '{ t { a } }', caller(), root).data).toEqual({ t: { a: 1 } });
      expect(seen()).toEqual([`T.a second would be ${message}`]);
    },
  );

  test('stays when a resolver is assigned later to its field', () => {
    const { schema, seen } = build(adminOnly);
    const field = schema.getQueryType()?.getFields()['open'];
    if (!field) throw new TypeError('Expected a field.');
    field.resolve = () => 7;
    expect(run(schema, '{ open }', caller(), root).data).toEqual({ open: 7 });
    expect(seen()).toEqual(['Query.open second would be Administrators only.']);
  });

  test('is absent from the access map, explanations, descriptions, losses and the proof of access', async () => {
    const all = { ...guards, soon: adminOnly };
    const { schema } = build(adminOnly);
    const map = mapAccess(schema, { guards: all });
    const ways = (coordinate: string) =>
      map
        .find((access) => access.coordinate === coordinate)
        ?.reach.map(({ requirements }) => requirements.map(printRequirement).join(' '));
    expect([ways('T.a'), ways('T.b'), ways('Query.open')]).toEqual([
      ['@public'],
      ['@admin'],
      ['@public'],
    ]);
    const document = parse('{ t { a b } open }');
    const operation = getOperationAST(document);
    if (!operation) throw new TypeError('Expected an operation.');
    const { fields } = explainOperation(
      { schema, guards: all },
      { document, operation },
      callers.user,
    );
    expect(fields.map(({ verdict }) => verdict)).toEqual([
      'allowed',
      'allowed',
      'refused',
      'allowed',
    ]);
    const type = schema.getType('T');
    const descriptions =
      type &&
      'getFields' in type &&
      Object.values(type.getFields()).map(({ description }) => description);
    expect(descriptions).toEqual([
      undefined,
      'Requires: an administrator.',
      undefined,
      'Requires: the owner of the object.',
    ]);
    expect(findLosses(schema, { guards: all })).toEqual([]);
    expect(findUnforeseen(schema, { guards: all }).map(({ coordinate }) => coordinate)).toEqual([
      'T.owned',
    ]);
    const verified = { verified: caller(), unverified: caller({ user: { verified: false } }) };
    const proof = await proveAccess(schema, { guards: all, callers: verified });
    const { soon: _soon, ...enforced } = all;
    const without = unguardedSchema(`${sightDirectives} ${soonTypeDefs}`);
    expect(proof).toEqual(
      await proveAccess(without, { guards: enforced, others: ['soon'], callers: verified }),
    );
  });

  test('does not replace the access directive of a root field, and stands only where a guard may stand', () => {
    const directive = 'directive @soon on FIELD_DEFINITION | ENUM_VALUE';
    const start = (typeDefs: string, soon: Guard = adminOnly) =>
      build(soon, `${directive} ${typeDefs}`);
    expect(() => start('type Query { a: Int @soon }')).toThrow(
      'Query.a has no access directive: add @auth',
    );
    expect(() => start('type Query { a: Int @public } enum E { A @soon }')).toThrow(
      'E.A has @soon, which nothing enforces there',
    );
    expect(() =>
      start('type Query { a: Int @public @soon }', dryRun(objectGuard(() => null))),
    ).toThrow('which decides by an object');
  });

  test('makes the first door authenticate the caller', () => {
    const { schema } = build(adminOnly);
    const isTried = (source: string) => {
      const document = parse(source);
      const operation = getOperationAST(document);
      if (!operation) throw new TypeError('Expected an operation.');
      return describeAccess(schema, document, operation).isTried;
    };
    expect(isTried('{ open }')).toBe(true);
    expect(isTried('{ t { a } }')).toBe(true);
    expect(isTried('{ t { owned } }')).toBe(false);
  });

  test('does not run without onRefusal, nor where the caller was not authenticated', () => {
    let asked = 0;
    const soon = dryRun(() => {
      asked += 1;
      return null;
    });
    const silent = guardSchema(unguardedSchema(`${sightDirectives} ${soonTypeDefs}`), {
      guards: { ...guards, soon },
    });
    expect(run(silent, '{ open }', caller(), root).data).toEqual({ open: 4 });
    expect(run(build(soon).schema, '{ open }', null, root).data).toEqual({ open: 4 });
    expect(asked).toBe(0);
    expect(() => dryRun(null as never)).toThrow(TypeError);
  });
});

describe('onRefusal', () => {
  test('is called at the second door once for each refused field of a request, with the caller', () => {
    const { schema, told, seen } = build(adminOnly);
    const who = caller();
    const result = run(schema, '{ list { b } t { b } }', who, { list: [{}, {}, {}], t: {} });
    expect(result.errors).toHaveLength(4);
    expect(seen().filter((line) => line.includes(' is '))).toEqual([
      'T.b second is Administrators only.',
    ]);
    expect(told[0]?.authentication).toBe(who);
    expect(told[0]?.error).toBeInstanceOf(GraphQLError);
  });

  test('receives the context of the resolvers', () => {
    const contexts: unknown[] = [];
    const schema = guardSchema(unguardedSchema('type Query { a: Int @auth }'), {
      guards,
      onRefusal: (_refused, context) => contexts.push(context),
    });
    const contextValue = { authentication: anonymous };
    const { errors } = execute({
      schema,
      document: parse('{ a }'),
      contextValue,
    }) as ExecutionResult;
    expect(errors).toHaveLength(1);
    expect(contexts).toEqual([contextValue]);
  });

  test.each([
    ['mutation { write { b owned } admin }', caller(), ['T.b', 'Mutation.admin']],
    ['mutation { write { owned } }', anonymous, ['Mutation.write', 'T.owned']],
    ['{ both }', caller(), ['Query.both']],
    ['{ both open }', caller(), []],
  ] as const)(
    'is called at the first door for each field that has %s refused whole',
    (source, who, coordinates) => {
      const { schema, told } = build(adminOnly);
      const document = parse(source);
      const operation = getOperationAST(document);
      if (!operation) throw new TypeError('Expected an operation.');
      judgeOperation(describeAccess(schema, document, operation), who, {});
      expect(told.map(({ coordinate, door, isDryRun }) => [coordinate, door, isDryRun])).toEqual(
        coordinates.map((coordinate) => [coordinate, 'first', false]),
      );
    },
  );

  test('is called at the first door for refused arguments too', () => {
    const { schema, told } = build(
      adminOnly,
      'directive @soon on FIELD_DEFINITION type Query { salary(of: ID): Int @self(argument: "of") }',
    );
    const document = parse('{ salary(of: 1) }');
    const operation = getOperationAST(document);
    if (!operation) throw new TypeError('Expected an operation.');
    judgeOperation(describeAccess(schema, document, operation), caller({ user: { id: 2 } }), {});
    expect(told.map(({ coordinate }) => coordinate)).toEqual(['Query.salary']);
  });

  test('does not change the refusals', () => {
    const { schema } = build(adminOnly);
    const plain = guardSchema(unguardedSchema(`${sightDirectives} ${soonTypeDefs}`), {
      guards: { ...guards, soon: adminOnly },
    });
    for (const query of ['{ both }', '{ t { b } }', '{ list { b owned } }']) {
      expect(run(schema, query, caller(), root)).toEqual(run(plain, query, caller(), root));
    }
  });
});
