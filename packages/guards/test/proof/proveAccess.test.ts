import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  type Guard,
  guardSchema,
  type PartOfProof,
  proveAccess,
  signedIn,
} from '@sallyport/guards';
import { GraphQLError, type GraphQLFieldConfig, getOperationAST, parse } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { choosePart } from '../../src/proof/partOfProof.ts';
import { proofOperations } from '../../src/proof/proofOperations.ts';
import { compareToRules } from '../../src/proof/proveAccess.ts';
import { type StubContext, stubSchema } from '../../src/proof/stubSchema.ts';
import { caller, guardedSchema, guards, run, unguardedSchema } from '../guardedSchema.ts';

const verified = { verified: caller(), unverified: caller({ user: { verified: false } }) };

const manyWays = `
  scalar Moment
  type Query {
    node(id: ID!): Node @public
    any: [Any!]! @optionalAuth
    grid: [[Leaf!]!]! @fresh
    me: Person @auth
    root: Query @verified
  }
  type Mutation { befriend(id: ID!): Friendship @auth remove(id: ID!): Boolean @admin @fresh(maxAge: 60) }
  type Subscription { arrivals: Person @verified clicks: Int @public }
  interface Node { id: ID! @auth }
  interface Timed implements Node @verified { id: ID! at: Moment! }
  interface Logged implements Timed & Node { id: ID! at: Moment! log: [String!] @admin }
  type Person implements Node @auth { id: ID! name: String! friends(first: Int = 10): [Friendship!]! }
  type Friendship implements Timed & Node { id: ID! at: Moment! one: Person! other: Person! @fresh }
  type Leaf implements Logged & Timed & Node { id: ID! at: Moment! log: [String!] kind: Kind! next: Leaf }
  type Open { text: String secret: String @admin }
  enum Kind { GREEN RED }
  union Any = Person | Leaf | Open
`;

describe('a proof of access', () => {
  test('holds for interfaces of interfaces, unions, nodes, lists of lists, subscriptions and circles', async () => {
    const { operations, callers } = await proveAccess(unguardedSchema(manyWays), {
      guards,
      callers: verified,
    });
    expect(operations).toBeGreaterThan(300);
    expect(callers).toBe(13);
  });

  test('is the same for a schema that is already guarded, and runs none of its resolvers', async () => {
    const me = vi.fn();
    const schema = unguardedSchema('type Query { me: ID @auth }', { Query: { me } });
    const proof = await proveAccess(schema, { guards, callers: verified });
    const served = guardSchema(schema, { guards });
    expect(await proveAccess(served, { guards, callers: verified })).toEqual(proof);
    expect(me).not.toHaveBeenCalled();
  });

  test('fails for a schema that could not be served', async () => {
    await expect(
      proveAccess(unguardedSchema('type Query { me: ID }'), { guards, callers: verified }),
    ).rejects.toThrow('Query.me has no access directive');
  });

  test('fails, with the operation and both outcomes, for a guard whose decisions change', async () => {
    let count = 0;
    const moody: Guard = signedIn(() => (++count % 3 === 0 ? new GraphQLError('Not now.') : null));
    const schema = unguardedSchema('type Query { me: ID @verified }');
    await expect(
      proveAccess(schema, { guards: { ...guards, verified: moody }, callers: verified }),
    ).rejects.toThrow(
      /\d+ operations are not answered by the rules\.\n\nAs [\w, ]+: query \{ .*\}\nshould be: .*\nbut is: /,
    );
  });

  test('fails for guards of the server when no callers are given for them', async () => {
    await expect(
      proveAccess(unguardedSchema('type Query { me: ID @auth }'), { guards }),
    ).rejects.toThrow('Guards of your own need callers: who satisfies them, and who does not.');
  });

  test('fails for a schema in which no field refuses a caller', async () => {
    const schema = guardedSchema('type Query { open: ID @public }');
    await expect(proveAccess(schema, { guards, callers: verified })).rejects.toThrow(
      'There is nothing to prove: no field of the schema refuses anybody.',
    );
  });

  describe('in shards', () => {
    const schema = unguardedSchema(
      'type Query { me: ID @auth other: T @auth } type T { a: ID @admin }',
    );
    const prove = async (part: PartOfProof) => {
      const asked: string[] = [];
      const auth: Guard = (authentication, args) => {
        if (authentication.status === 'anonymous') asked.push('anonymous');
        return guards.auth(authentication, args);
      };
      const all = { ...guards, auth };
      const { operations } = await proveAccess(schema, { guards: all, callers: verified, ...part });
      return { operations, asked: asked.length };
    };

    test('has all operations in its shards taken together', async () => {
      const whole = await prove({});
      const shards = await Promise.all(
        [1, 2, 3].map((number) => prove({ shard: { number, of: 3 } })),
      );
      const sum = (of: 'operations' | 'asked') => shards.reduce((total, one) => total + one[of], 0);
      expect({ operations: sum('operations'), asked: sum('asked') }).toEqual(whole);
      expect(shards.every(({ operations }) => operations < whole.operations)).toBe(true);
    });

    test('of a sample is the same for the same seed, and about as large as the sample was to be', async () => {
      const whole = await prove({});
      const half = await prove({ sample: 0.5, seed: 7 });
      expect(await prove({ sample: 0.5, seed: 7 })).toEqual(half);
      expect(half.operations).toBeGreaterThan(whole.operations / 4);
      expect(half.operations).toBeLessThan((whole.operations * 3) / 4);
    });

    test('chooses other operations with another seed', () => {
      const chosen = (seed: number) =>
        Array.from({ length: 1000 }, (_, position) => choosePart({ sample: 0.5, seed })(position));
      const alike = chosen(1).filter((isTried, position) => isTried === chosen(2)[position]);
      expect(alike.length).toBeGreaterThan(400);
      expect(alike.length).toBeLessThan(600);
    });

    test.each<[PartOfProof, string]>([
      [{ sample: 0 }, 'The sample of a proof is more than 0 and at most 1.'],
      [{ sample: 2 }, 'The sample of a proof is more than 0 and at most 1.'],
      [{ sample: Number.NaN }, 'The sample of a proof is more than 0 and at most 1.'],
      [
        { shard: { number: 0, of: 2 } },
        'The shard of a proof is one from 1 to as many as there are.',
      ],
      [
        { shard: { number: 3, of: 2 } },
        'The shard of a proof is one from 1 to as many as there are.',
      ],
      [
        { shard: { number: 1.5, of: 2 } },
        'The shard of a proof is one from 1 to as many as there are.',
      ],
      [{ shard: { number: 999, of: 1000 } }, 'There is no operation in this part of the proof.'],
    ])('fails for the shard %j', async (part, message) => {
      await expect(prove(part)).rejects.toThrow(message);
    });
  });

  test('leaves the schema as it was', async () => {
    const schema = guardedSchema(
      'type Query { node: Node @auth any: Any @auth } interface Node { id: ID } union Any = A | B type A { id: ID } type B implements Node { id: ID }',
      {
        Node: { __resolveType: () => 'B' },
        B: { __isTypeOf: () => true },
        Any: { __resolveType: () => 'B' },
      },
    );
    const ask = () =>
      run(schema, '{ node { id } any { __typename } }', caller(), { node: { id: 1 }, any: {} });
    const before = ask();
    await proveAccess(schema, { guards, callers: verified });
    expect(ask()).toEqual(before);
    expect(before.errors).toBeUndefined();
  });

  test('fails when only the errors differ', async () => {
    let count = 0;
    const talkative: Guard = () => new GraphQLError(`No, for the ${++count}th time.`);
    const schema = unguardedSchema('type Query { me: ID @verified }');
    await expect(
      proveAccess(schema, { guards: { ...guards, verified: talkative }, callers: verified }),
    ).rejects.toThrow('operations are not answered by the rules.');
  });

  test('writes each field directly, aliased, twice, in fragments, and under conditions', () => {
    const schema = guardedSchema('type Query { me: ID @auth }');
    const sources = [...proofOperations(schema)].map(({ source }) => source);
    for (const part of [
      'query { me }',
      'alias: me',
      'one: me two: me',
      '... on Query { me }',
      '...F',
      'me @include(if: true)',
      'me @skip(if: true)',
    ]) {
      expect(
        sources.some((source) => source.includes(part)),
        part,
      ).toBe(true);
    }
  });
});

describe('a proof', () => {
  test('compares the resolvers that ran, beside the errors', async () => {
    const stub = stubSchema(unguardedSchema('type Query { a: ID @auth }'), guards);
    const talkative = mapSchema(stub, {
      [MapperKind.OBJECT_FIELD]: (field: GraphQLFieldConfig<unknown, StubContext>) => ({
        ...field,
        resolve: (source, args, context, info) => {
          context.ran.push('one more');
          return field.resolve?.(source, args, context, info);
        },
      }),
    });
    const document = parse('{ a }');
    const operation = getOperationAST(document);
    if (!operation) throw new TypeError('Expected an operation.');
    const chooseType = () => '';
    const isOwn = true;
    const request = { document, operation, variables: {}, caller: caller(), chooseType, isOwn };
    const served = guardSchema(stub, { guards });
    expect(await compareToRules(stub, served, guards, request)).toBe(null);
    const noisy = guardSchema(talkative, { guards });
    expect(await compareToRules(stub, noisy, guards, request)).toContain('one more');
  });

  test('reaches fields by each interface and union of their type, in subscriptions, and under aliases', () => {
    const schema = guardedSchema(`
      type Query { node: Node @public any: Any @public }
      type Subscription { ticks: Int @auth user: Node @public }
      interface Node { id: ID }
      union Any = Other | User
      type Other implements Node { id: ID }
      type User implements Node { id: ID @auth }
    `);
    const operations = [...proofOperations(schema)];
    for (const part of [
      '... on Node { id }',
      '... on Any { ... on User { id } }',
      'subscription { ticks }',
    ]) {
      expect(
        operations.some(({ source }) => source.includes(part)),
        part,
      ).toBe(true);
    }
    const aliased = operations.filter(({ source }) => source.includes('alias: node'));
    expect(aliased.map(({ types }) => types)).toEqual([{ alias: 'User' }]);
  });
});
