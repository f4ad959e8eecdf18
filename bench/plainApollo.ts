import { readdirSync, readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

// Apollo as its tutorial has it, with Sallyport's schema and none of its guards: what a query costs by itself.
const directory = new URL('../schema/', import.meta.url);
const typeDefs = readdirSync(directory)
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => readFileSync(new URL(name, directory), 'utf8'));

// Names as long as those that the other servers answer.
const user = {
  id: '00000000-0000-4000-8000-000000000000',
  username: 'user-00000000-0000-4000-8000-000000000000',
};

const server = new ApolloServer({ typeDefs, resolvers: { Query: { me: () => user } } });
const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
console.log(`Apollo serves ${url}`);
