import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { GraphQLError } from 'graphql';
import { findCaller } from './caller.mjs';
import { typeDefs } from './schema.mjs';

// Apollo with the authentication of its documentation: the context finds the user, the resolver looks for one.
const resolvers = {
  Query: {
    me(_parent, _args, { user }) {
      if (user) return user;
      throw new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
    },
  },
};

const server = new ApolloServer({ typeDefs, resolvers });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: 0 },
  context: async ({ req }) => ({ user: await findCaller(req.headers.authorization) }),
});
console.log(`Apollo serves ${url}`);
