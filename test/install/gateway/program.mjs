import { ApolloGateway, IntrospectAndCompose, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import federation from '@mercuriusjs/federation';
import { assertGuarded, authTypeDefs, createGate } from '@sallyport/guards';
import { useGate as useApollo } from '@sallyport/guards/apollo';
import { useGate as useMercurius } from '@sallyport/guards/mercurius';
import Fastify from 'fastify';
import { parse } from 'graphql';
import mercurius from 'mercurius';

// Apollo's gateway before two guarded subgraphs, one of Apollo's and one of Mercurius's, with the package that was packed.
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const resolved = [];
const settings = {
  secret: 'at least 32 bytes, from the environment',
  loadUser: async ({ sub }) => ({ user: { id: sub }, isAdmin: sub === '2' }),
};
const users = [
  { id: '1', name: 'ada', salary: 5 },
  { id: '2', name: 'root', salary: 7 },
];

const accounts = createGate({
  ...settings,
  schema: buildSubgraphSchema({
    typeDefs: parse(`
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
      ${authTypeDefs}
      type Query { me: User @auth version: String @public }
      type Mutation { rename(name: String!): User @fresh close: Boolean @admin }
      type User @key(fields: "id") @auth { id: ID! name: String salary: Int @admin }
    `),
    resolvers: {
      Query: {
        me: (_root, _args, { authentication }) =>
          users.find(({ id }) => id === authentication.user.id),
        version: () => '1',
      },
      Mutation: {
        rename(_root, { name }) {
          resolved.push('rename');
          return { ...users[0], name };
        },
        close: () => resolved.push('close') > 0,
      },
      User: {
        __resolveReference({ id }) {
          resolved.push(`User ${id}`);
          return users.find((user) => user.id === id);
        },
      },
    },
  }),
});

const reviews = createGate({
  ...settings,
  schema: federation.buildFederationSchema(`
    ${authTypeDefs}
    extend type Query { reviews: [Review] @public }
    type Review @key(fields: "id") { id: ID! text: String notes: String @admin author: User }
    extend type User @key(fields: "id") @auth { id: ID! @external reviews: [Review] }
  `),
});

const apollo = new ApolloServer({
  schema: accounts.schema,
  plugins: [useApollo(accounts)],
  logger: silent,
});
const accountsUrl = (
  await startStandaloneServer(apollo, { listen: { host: '127.0.0.1', port: 0 } })
).url;

const all = [
  { id: '1', text: 'good', notes: 'hm', author: { __typename: 'User', id: '1' } },
  { id: '2', text: 'bad', notes: 'ha', author: { __typename: 'User', id: '2' } },
];
const app = Fastify();
await app.register(useMercurius(reviews));
await app.register(mercurius, {
  schema: reviews.schema,
  resolvers: {
    Query: { reviews: () => all },
    Review: { __resolveReference: ({ id }) => all.find((review) => review.id === id) },
    User: {
      __resolveReference(reference) {
        resolved.push(`author ${reference.id}`);
        return reference;
      },
      reviews: ({ id }) => all.filter(({ author }) => author.id === id),
    },
  },
});
const reviewsUrl = `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
assertGuarded(app.graphql.schema);

const gateway = new ApolloGateway({
  supergraphSdl: new IntrospectAndCompose({
    subgraphs: [
      { name: 'accounts', url: accountsUrl },
      { name: 'reviews', url: reviewsUrl },
    ],
  }),
  buildService: ({ url }) =>
    new RemoteGraphQLDataSource({
      url,
      willSendRequest({ request, context }) {
        if (context.authorization) request.http.headers.set('authorization', context.authorization);
      },
    }),
  logger: { ...silent, error: (message) => process.stderr.write(`${message}\n`) },
});
const server = new ApolloServer({ gateway, includeStacktraceInErrorResponses: false });
await server.start();

const callers = {
  anonymous: undefined,
  user: `Bearer ${accounts.signAccess({ sub: '1', sid: 'laptop' })}`,
  admin: `Bearer ${accounts.signAccess({ sub: '2', sid: 'desk' })}`,
  bad: 'Bearer what-is-this',
};
const operations = {
  public: '{ version }',
  references: '{ reviews { text notes author { name salary } } }',
  back: '{ me { name reviews { text } } }',
  mutation: 'mutation { rename(name: "eve") { name salary } close }',
};
const answers = {};
for (const [title, query] of Object.entries(operations)) {
  for (const [caller, authorization] of Object.entries(callers)) {
    resolved.length = 0;
    const { body } = await server.executeOperation({ query }, { contextValue: { authorization } });
    const { data, errors = [] } = body.singleResult;
    const reasons = errors.map(({ extensions }) => extensions.reason ?? extensions.code).toSorted();
    answers[`${title} ${caller}`] = { data, reasons, resolved: [...new Set(resolved)].toSorted() };
  }
}
process.stdout.write(JSON.stringify(answers));
await server.stop();
await apollo.stop();
await app.close();
