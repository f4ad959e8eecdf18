import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { typeDefs } from './schema.mjs';

// Apollo as its tutorial has it, with Sallyport's schema and none of its guards: what a query costs by itself.

// Names as long as those that the other servers answer.
const user = {
  id: '00000000-0000-4000-8000-000000000000',
  username: 'user-00000000-0000-4000-8000-000000000000',
};
const resolvers = { Query: { me: () => user, serverTime: () => new Date().toISOString() } };

const server = new ApolloServer({ typeDefs, resolvers });
const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
console.log(`Apollo serves ${url}`);
