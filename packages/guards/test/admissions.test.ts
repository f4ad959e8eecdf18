import {
  AuthError,
  type Authentication,
  argumentGuard,
  callers,
  guardSchema,
  objectGuard,
  signedIn,
} from '@sallyport/guards';
import {
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  parse,
  subscribe,
} from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { latest } from '../src/admissions.ts';
import { caller, guards, unguardedSchema } from './guardedSchema.ts';

// What a guard said of a caller holds for the fields of one query, and of an object for those of its fields that follow
// one another. It must never hold for anybody else, for another object, or for later.

const owner = caller({ user: { id: 'owner' } });
const other = caller({ user: { id: 'other' } });
// The same objects for everybody, as those of a cache would be.
const items = [1, 2].map((number) => ({ number, userId: 'owner', a: 1, b: 1, mine: 1, too: 1 }));
const refusal = new AuthError('OWNER_REQUIRED');

function makeSchema(decide: (id: string) => GraphQLError | null = () => null) {
  const ofCaller = vi.fn(decide);
  const ofObject = vi.fn((isOwn: boolean) => (isOwn ? null : refusal));
  const all = {
    ...guards,
    asked: signedIn<{ id: string }>(({ user }) => ofCaller(user.id)),
    small: argumentGuard((_caller, _own, { first }) => (Number(first) > 10 ? refusal : null)),
    mine: objectGuard<{ id: string }, { userId: string }>(({ user }, _own, { userId }) =>
      ofObject(userId === user.id),
    ),
    nobodys: objectGuard(() => refusal),
  };
  const typeDefs = `
    directive @asked on FIELD_DEFINITION
    directive @small on FIELD_DEFINITION
    directive @mine on FIELD_DEFINITION
    directive @nobodys on FIELD_DEFINITION
    type Query { items: [Item] @public one: Int @asked swap: Int @public later: Query @public inner: Int @public page(first: Int): Int @small }
    type Mutation { items: [Item] @public spend: Int @asked give: [Item] @public }
    type Subscription { tick: Int @asked }
    type Item { a: Int @asked b: Int @asked mine: Int @mine too: Int @mine never: Int @nobodys }
  `;
  const resolvers = {
    Query: {
      swap(_source: unknown, _args: unknown, context: { authentication: Authentication }) {
        context.authentication = context.authentication === other ? owner : other;
      },
      inner(_source: unknown, _args: unknown, contextValue: object) {
        execute({ schema, document: parse('{ one }'), rootValue: { one: 1 }, contextValue });
      },
    },
    Subscription: {
      tick: {
        async *subscribe() {
          for (const tick of [1, 2, 3]) yield { tick };
        },
      },
    },
  };
  const schema: GraphQLSchema = guardSchema(unguardedSchema(typeDefs, resolvers), { guards: all });
  const run = (
    query: string,
    authentication: Authentication = owner,
    rootValue: object = { items, one: 1, page: 1, spend: 1 },
  ): ExecutionResult =>
    execute({
      schema,
      document: parse(query),
      rootValue,
      contextValue: { authentication },
    }) as ExecutionResult;
  return { schema, run, ofCaller, ofObject };
}

const refused = ({ errors = [] }: ExecutionResult) => errors.map(({ path }) => path?.join('.'));

describe('of a caller', () => {
  test('a guard is asked once for all fields of a query that ask the same', () => {
    const { run, ofCaller } = makeSchema();
    expect(refused(run('{ items { a b } one }'))).toEqual([]);
    expect(ofCaller).toHaveBeenCalledTimes(1);
  });

  test('a guard is asked again by the next query, though its document and its context are the same', () => {
    let isOpen = true;
    const { schema } = makeSchema(() => (isOpen ? null : refusal));
    const asked = { schema, document: parse('{ one }'), contextValue: { authentication: owner } };
    expect(refused(execute(asked) as ExecutionResult)).toEqual([]);
    isOpen = false;
    expect(refused(execute(asked) as ExecutionResult)).toEqual(['one']);
  });

  test('a guard is asked by both queries where one runs within the other', () => {
    const { run, ofCaller } = makeSchema();
    expect(refused(run('{ items { mine } inner one }'))).toEqual([]);
    expect(ofCaller).toHaveBeenCalledTimes(2);
  });

  test('a guard is asked by each field of a mutation: the one before may have used something up', () => {
    let credits = 2;
    const { run } = makeSchema(() => (credits-- > 0 ? null : refusal));
    const result = run('mutation { first: spend second: spend third: spend }');
    expect(refused(result)).toEqual(['third']);
  });

  test('a guard is asked at each event of a subscription', async () => {
    let times = 3; // When it begins, and for the first two events.
    const { schema } = makeSchema(() => (times-- > 0 ? null : refusal));
    const contextValue = { authentication: owner };
    const events = await subscribe({
      schema,
      document: parse('subscription { tick }'),
      contextValue,
    });
    const seen: (string | undefined)[][] = [];
    for await (const event of events as AsyncIterable<ExecutionResult>) seen.push(refused(event));
    expect(seen).toEqual([[], [], ['tick']]);
  });

  test('somebody who takes the place of the caller within a query is asked', () => {
    const { run } = makeSchema((id) => (id === 'owner' ? null : refusal));
    expect(refused(run('{ items { a mine } swap again: items { a mine } }'))).toEqual([
      'again.0.a',
      'again.0.mine',
      'again.1.a',
      'again.1.mine',
    ]);
  });

  test('a caller whose place was taken for a while is asked again', () => {
    const { run } = makeSchema((id) => (id === 'other' ? null : refusal));
    const query = '{ items { mine } swap whenOther: items { a } back: swap again: items { a } }';
    expect(refused(run(query))).toEqual(['again.0.a', 'again.1.a']);
  });

  test('a guard is asked each time by an executor that says nothing of variables', () => {
    let isOpen = true;
    const { schema } = makeSchema(() => (isOpen ? null : refusal));
    const field = schema.getQueryType()?.getFields()['one'];
    const info = { operation: { operation: 'query' }, fieldNodes: [] } as never;
    const ask = () => field?.resolve?.({ one: 1 }, {}, { authentication: owner }, info);
    expect(ask).not.toThrow();
    isOpen = false;
    expect(ask).toThrow(refusal.message);
  });
});

describe('of an object', () => {
  test('a guard is asked once for the fields of each object that ask the same', () => {
    const { run, ofObject } = makeSchema();
    expect(refused(run('{ items { mine too } }'))).toEqual([]);
    expect(ofObject).toHaveBeenCalledTimes(items.length);
  });

  test('each object of a list is judged by itself', () => {
    const { run } = makeSchema();
    const mixed = ['owner', 'other', 'owner'].map((userId) => ({ userId, mine: 1, too: 1 }));
    expect(refused(run('{ items { mine too } }', owner, { items: mixed }))).toEqual([
      'items.1.mine',
      'items.1.too',
    ]);
  });

  test.each(['query', 'mutation'])('nobody gets by a %s what its owner just got', (kind) => {
    const { run } = makeSchema();
    const last = { items: items.slice(0, 1) };
    expect(refused(run('{ items { a mine } }', owner, last))).toEqual([]);
    const again = run(`${kind} { items { a mine } }`, other, last);
    expect(refused(again)).toEqual(['items.0.mine']);
  });

  test('what was given away since is not the giver’s in the next query', () => {
    const { run } = makeSchema();
    const item = { userId: 'owner', mine: 1 };
    expect(refused(run('{ items { mine } }', owner, { items: [item] }))).toEqual([]);
    item.userId = 'other';
    const again = run('{ items { mine } }', owner, { items: [item] });
    expect(refused(again)).toEqual(['items.0.mine']);
  });

  test('what one guard said of an object is not what another says', () => {
    const { run } = makeSchema();
    const last = { items: items.slice(0, 1) };
    expect(refused(run('{ items { mine never } }', owner, last))).toEqual(['items.0.never']);
  });

  test('an object that a mutation gives away is no longer the giver’s', () => {
    const { run } = makeSchema();
    const item = { userId: 'owner', mine: 1 };
    const rootValue = {
      items: [item],
      give: () => {
        item.userId = 'other';
        return [item];
      },
    };
    const result = run('mutation { items { mine } give { mine } }', owner, rootValue);
    expect(refused(result)).toEqual(['give.0.mine']);
  });

  test('an object that is filled anew for each item of a list is judged for each', () => {
    const { run } = makeSchema();
    const rows = ['owner', 'other'].map((userId) => ({ userId, mine: 1 }));
    function* fillOne() {
      const row = {};
      for (const each of rows) yield Object.assign(row, each);
    }
    const result = run('{ items { mine } }', owner, { items: fillOne() });
    expect(refused(result)).toEqual(['items.1.mine']);
  });

  test('an object that is filled anew for each of two fields is judged for each', () => {
    const { run } = makeSchema();
    const model = { userId: '', mine: 1 };
    const users = ['owner', 'other'];
    const items = () => [Object.assign(model, { userId: users.shift() })];
    const result = run('{ first: items { mine } second: items { mine } }', owner, { items });
    expect(refused(result)).toEqual(['second.0.mine']);
  });

  test('what is given away while a query waits is not the giver’s when it goes on', async () => {
    const { run } = makeSchema();
    const item = { userId: 'owner', mine: 1 };
    let goOn = () => {};
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const query = run('{ items { mine } later { items { mine } } }', owner, {
      items: [item],
      later: () => waiting.then(() => ({ items: [item] })),
    });
    item.userId = 'other';
    run('mutation { spend }', other);
    goOn();
    expect(refused(await query)).toEqual(['later.items.0.mine']);
  });

  test('objects, callers and queries are told apart where an executor gives all the same place', () => {
    const { schema } = makeSchema();
    const field = (schema.getType('Item') as GraphQLObjectType).getFields()['mine'];
    const [path, operation] = [{ key: 'mine', prev: undefined }, { operation: 'query' }];
    const ask = (item: object, authentication: Authentication, variableValues: object) => () => {
      const info = { operation, variableValues, path, fieldNodes: [] } as never;
      return field?.resolve?.(item, {}, { authentication }, info);
    };
    const [mine, query] = [{ userId: 'owner', mine: 1 }, {}];
    expect(ask(mine, owner, query)).not.toThrow();
    expect(ask({ ...mine, userId: 'other' }, owner, query)).toThrow(refusal.message);
    expect(ask(mine, owner, query)).not.toThrow();
    expect(ask(mine, other, query)).toThrow(refusal.message);
    expect(ask(mine, owner, query)).not.toThrow();
    mine.userId = 'other';
    expect(ask(mine, owner, {})).toThrow(refusal.message);
  });

  test('two queries whose objects come in turns are each judged by their own caller', async () => {
    const { run, ofObject } = makeSchema();
    const oneByOne = () => ({
      items: items.map(async (item, place) => {
        for (let wait = 0; wait < place; wait++)
          await new Promise((resolve) => setImmediate(resolve));
        return item;
      }),
    });
    const [ofOwner, ofOther] = await Promise.all([
      run('{ items { mine too } }', owner, oneByOne()),
      run('{ items { mine too } }', other, oneByOne()),
    ]);
    expect(refused(ofOwner)).toEqual([]);
    expect(refused(ofOther)).toHaveLength(4);
    expect(ofObject.mock.calls.flat()).toEqual([true, false, false, true, false, false]);
  });
});

test('nothing of a query is kept when it is over, and whoever is nobody is still asked', async () => {
  const { schema, run } = makeSchema();
  expect(refused(run('{ one items { mine } }'))).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  const { execution, caller, object, place } = latest;
  expect(new Set([execution, caller, object, place])).toHaveProperty('size', 1);
  const field = schema.getQueryType()?.getFields()['one'];
  for (const nothing of [null, undefined]) {
    const info = { operation: { operation: 'query' }, variableValues: nothing, fieldNodes: [] };
    const context = { authentication: nothing } as never;
    expect(() => field?.resolve?.({}, {}, context, info as never)).toThrow(TypeError);
  }
});

test('the arguments of each field are judged, of the same field too', () => {
  const { run } = makeSchema();
  const query = '{ small: page(first: 10) large: page(first: 11) again: page(first: 1) }';
  expect(refused(run(query))).toEqual(['large']);
});

test('an anonymous caller is not let through by what a query before let through', () => {
  const { run } = makeSchema();
  expect(refused(run('{ one items { mine } }', owner))).toEqual([]);
  expect(refused(run('{ one items { mine } }', callers.anonymous))).toHaveLength(3);
});
