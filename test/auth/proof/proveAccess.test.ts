import { GraphQLError } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { type Guard, guardSchema, proveAccess, signedIn } from '../../../src/auth/index.ts';
import { proofOperations } from '../../../src/auth/proof/proofOperations.ts';
import { createGuards } from '../../../src/guards.ts';
import { createSchema } from '../../../src/schema.ts';
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
  test('holds for the schema of the service', async () => {
    const all = createGuards({ freshSeconds: 300 });
    const { operations, callers } = await proveAccess(createSchema(all), { guards: all });
    expect(operations).toBeGreaterThan(500);
    expect(callers).toBe(7);
  });

  test('holds for interfaces of interfaces, unions, nodes, lists of lists, subscriptions and circles', async () => {
    const { operations, callers } = await proveAccess(unguardedSchema(manyWays), {
      guards,
      callers: verified,
    });
    expect(operations).toBeGreaterThan(300);
    expect(callers).toBe(13);
  });

  test('is the same for a schema that has its guards already, and runs none of its resolvers', async () => {
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

  test('fails, with the operation and both outcomes, for a guard that does not always decide alike', async () => {
    let count = 0;
    const moody: Guard = signedIn(() => (++count % 3 === 0 ? new GraphQLError('Not now.') : null));
    const schema = unguardedSchema('type Query { me: ID @verified }');
    await expect(
      proveAccess(schema, { guards: { ...guards, verified: moody }, callers: verified }),
    ).rejects.toThrow(
      /\d+ operations are not answered by the rules\.\n\nAs [\w, ]+: query \{ .*\}\nshould be: .*\nbut is: /,
    );
  });

  test('fails for guards of the server’s own without callers whom they can judge', async () => {
    await expect(
      proveAccess(unguardedSchema('type Query { me: ID @auth }'), { guards }),
    ).rejects.toThrow('Guards of your own need callers: who satisfies them, and who does not.');
  });

  test('fails for a schema whose guarded resolvers were replaced', async () => {
    const schema = guardedSchema('type Query { me: ID @auth open: ID @public }');
    const fields = schema.getQueryType()?.getFields();
    if (fields?.['me']) fields['me'].resolve = () => 'told';
    await expect(proveAccess(schema, { guards, callers: verified })).rejects.toThrow(
      'Something replaced the guarded resolvers of Query.me.',
    );
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

  test('fails when nothing but the errors differ', async () => {
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
