import { makeExecutableSchema } from '@graphql-tools/schema';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  assertGuarded,
  authGuards,
  authTypeDefs,
  describeAccess,
  guardSchema,
  proveAccess,
} from '@sallyport/guards';
import { type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { expect } from 'vitest';

export const guards = authGuards({ freshSeconds: 300 });
export const told = () => 'told';

/** A schema that is served, with `events` as its type of subscriptions. */
export function served(): GraphQLSchema {
  const typeDefs = `
    schema { query: Query subscription: Events }
    type Query { open: Thing @public secret: String @auth }
    type Events { ticks: Int @auth }
    interface Named { name: String @admin }
    type Thing { plain: String secret: String @auth }
    type Closed @auth { a: String }
    type User implements Named { name: String }
  `;
  const resolvers = {
    Query: { open: () => ({ plain: 'plain', secret: 'told' }), secret: told },
    Events: { ticks: { subscribe: source } },
  };
  const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers });
  return guardSchema(schema, { guards });
}

export async function* source() {
  yield { ticks: 1 };
}

/** What is wrong with a schema, as everyone who asks is told. */
export async function problemOf(schema: GraphQLSchema): Promise<string | null> {
  const document = parse('{ __typename }');
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError('Expected an operation.');
  const attempts = [
    () => assertGuarded(schema),
    // Twice: that it was refused once does not let it pass the second time.
    () => describeAccess(schema, document, operation),
    () => describeAccess(schema, document, operation),
    () => proveAccess(schema, { guards }),
  ];
  const problems = await Promise.all(
    attempts.map((attempt) =>
      Promise.resolve()
        .then(attempt)
        .then(
          () => null,
          (error: Error) => error.message,
        ),
    ),
  );
  expect(new Set(problems).size).toBe(1);
  return problems[0] ?? null;
}

/** Changes one field as tools do that transform schemas. */
export const rebuild =
  (coordinate: string, change: (field: object) => object) => (schema: GraphQLSchema) =>
    mapSchema(schema, {
      [MapperKind.OBJECT_FIELD]: (field, name, type) =>
        `${type}.${name}` === coordinate ? { ...field, ...change(field) } : undefined,
    });
