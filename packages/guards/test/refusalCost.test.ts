import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  GraphQLError,
  getLocation,
  Kind,
  type OperationDefinitionNode,
  parse,
  Source,
} from 'graphql';
import { expect, test, vi } from 'vitest';
import {
  AuthError,
  type Authentication,
  authGuards,
  authTypeDefs,
  callers,
  describeAccess,
  guardSchema,
  judgeOperation,
  signedIn,
} from '../src/index.ts';

const count = 1_000;
const items = Array.from({ length: count }, (_, id) => ({ id, secret: 'secret' }));

function makeSchema(decide: () => GraphQLError | null) {
  const secret = vi.fn(decide);
  const typeDefs = `
    directive @secret on FIELD_DEFINITION
    type Query { items: [Item!]! @public }
    type Mutation { change: Item @auth }
    type Item { id: ID! secret: String @secret }
  `;
  const schema = makeExecutableSchema({
    typeDefs: [authTypeDefs, typeDefs],
    resolvers: { Query: { items: () => items } },
  });
  const guards = { ...authGuards({ freshSeconds: 300 }), secret: signedIn(() => secret()) };
  return { schema: guardSchema(schema, { guards }), secret };
}

const document = parse('{\n  items {\n    secret\n  }\n}');

test('a guard runs once a request for a list of a thousand refused items, and each error has its own path', async () => {
  const { schema, secret } = makeSchema(() => new AuthError('ADMIN_REQUIRED'));
  for (const requests of [1, 2]) {
    const contextValue = { authentication: callers.user };
    const { errors = [] } = (await execute({ schema, document, contextValue })) as ExecutionResult;
    expect(secret).toHaveBeenCalledTimes(requests);
    expect(errors.map((error) => error.toJSON())).toEqual(
      items.map((_item, index) => ({
        message: 'Administrators only.',
        locations: [{ line: 3, column: 5 }],
        path: ['items', index, 'secret'],
        extensions: { code: 'FORBIDDEN', reason: 'ADMIN_REQUIRED' },
      })),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(GraphQLError);
      expect(error.originalError).toBe(errors[0]?.originalError);
    }
    expect(errors[0]?.originalError).toBeInstanceOf(AuthError);
  }
});

test('a refusal has no stack trace, and other errors still have theirs', async () => {
  const { stack } = new AuthError('TOKEN_MISSING');
  expect(stack).not.toMatch(/^ {4}at /m);
  expect(new Error('another').stack).toMatch(/^ {4}at /m);
  const { schema } = makeSchema(() => new AuthError('ADMIN_REQUIRED'));
  const contextValue = { authentication: callers.user };
  const { errors = [] } = (await execute({ schema, document, contextValue })) as ExecutionResult;
  for (const error of errors) expect(error.stack).not.toMatch(/^ {4}at /m);
});

test('a caller who is replaced in the context of a request is judged anew', async () => {
  let refuses = true;
  const { schema, secret } = makeSchema(() => (refuses ? new AuthError('ADMIN_REQUIRED') : null));
  const contextValue: { authentication: Authentication } = { authentication: callers.user };
  const ask = async () => (await execute({ schema, document, contextValue })) as ExecutionResult;
  expect((await ask()).errors).toHaveLength(count);
  refuses = false;
  contextValue.authentication = callers.admin;
  expect((await ask()).errors).toBeUndefined();
  expect(secret).toHaveBeenCalledTimes(2);
});

test('two requests that are refused in turns have a refusal each', async () => {
  const { schema } = makeSchema(() => new AuthError('ADMIN_REQUIRED'));
  const [one, other] = [callers.user, callers.user].map((authentication) => ({ authentication }));
  const ask = async (contextValue: unknown) =>
    ((await execute({ schema, document, contextValue })) as ExecutionResult).errors ?? [];
  const refusals = new Map<unknown, Set<unknown>>();
  for (const context of [one, other, one, other]) {
    const ofContext = refusals.get(context) ?? new Set();
    refusals.set(context, ofContext);
    for (const error of await ask(context)) ofContext.add(error.originalError);
  }
  const [ofOne, ofOther] = [...refusals.values()].map((each) => [...each]);
  expect(ofOne).toHaveLength(1);
  expect(ofOther).toHaveLength(1);
  expect(ofOne?.[0]).not.toBe(ofOther?.[0]);
});

test('a guard that returns neither null nor an error is an error of the server at each item', async () => {
  const { schema } = makeSchema(() => undefined as never);
  const contextValue = { authentication: callers.user };
  const { errors = [] } = (await execute({ schema, document, contextValue })) as ExecutionResult;
  expect(errors).toHaveLength(count);
  expect(errors.at(-1)?.originalError).toBeInstanceOf(TypeError);
  expect(errors.at(-1)?.path).toEqual(['items', count - 1, 'secret']);
});

test('describing an operation reads each selection once for each type, however often its fragment is spread', () => {
  const { schema } = makeSchema(() => null);
  const fields = Array.from({ length: 200 }, (_, index) => `a${index}: items { ...F ...F }`);
  const wide = parse(`{ ${fields.join(' ')} } fragment F on Item { id secret ... { secret } }`);
  const [operation, fragment] = wide.definitions as [
    OperationDefinitionNode,
    FragmentDefinitionNode,
  ];
  expect(fragment.kind).toBe(Kind.FRAGMENT_DEFINITION);
  let looks = 0;
  const { selections } = fragment.selectionSet;
  Object.defineProperty(fragment.selectionSet, 'selections', {
    get() {
      looks += 1;
      return selections;
    },
  });
  const { guarded } = describeAccess(schema, wide, operation);
  expect(guarded.flatMap(({ nodes }) => nodes)).toHaveLength(2);
  expect(looks).toBe(1);
});

test('many refused fields have the locations that graphql-js computes, and the document is read once', () => {
  const { schema } = makeSchema(() => null);
  const body = 'mutation {\r\n a: change { id }\n\n\r b: change { id }  c: change { id }\n}';
  const source = new Source(body);
  const document = parse(source);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const places = operation.selectionSet.selections.map(({ loc }) =>
    getLocation(source, loc?.start ?? 0),
  );
  let reads = 0;
  Object.defineProperty(source, 'body', {
    get() {
      reads++;
      return body;
    },
  });
  const access = describeAccess(schema, document, operation);
  const errors = judgeOperation(access, callers.anonymous, {});
  expect(errors.map(({ locations }) => locations)).toEqual([places]);
  expect(places.map(({ line }) => line)).toEqual([2, 5, 5]);
  expect(reads).toBe(1);
});
