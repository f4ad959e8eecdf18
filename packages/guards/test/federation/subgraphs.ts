import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildFederationSchema } from '@mercuriusjs/federation';
import { type GraphQLSchema, getOperationAST, graphql, parse } from 'graphql';
import {
  type Authentication,
  authGuards,
  authTypeDefs,
  describeAccess,
  judgeOperation,
  type Refused,
} from '../../src/index.ts';

export const guards = authGuards({ freshSeconds: 300 });
export const told: Refused[] = [];
export const settings = { guards, onRefusal: (refused: Refused) => void told.push(refused) };

export const types = `
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
export const resolved: string[] = [];

/** Forgets what was resolved and told by the last test. */
export function forget(): void {
  resolved.length = 0;
  told.length = 0;
}

export type Reference = Readonly<Record<string, unknown>>;
export type Called = (...given: readonly unknown[]) => unknown;
export const find =
  (type: string, more: object) =>
  (reference: Reference): object => {
    resolved.push(`${type} ${reference['id']}`);
    return { ...more, id: reference['id'] };
  };

export const apollo = () =>
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

export const mercurius = () => {
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

export async function ask(
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

export function judge(schema: GraphQLSchema, source: string, authentication: Authentication) {
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

export const user = { __typename: 'User', id: '1' };
export const product = { __typename: 'Product', id: '2' };
export const ledger = { __typename: 'Ledger', id: '3' };
