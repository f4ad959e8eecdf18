import { makeExecutableSchema } from '@graphql-tools/schema';
import Fastify from 'fastify';
import { mercurius } from 'mercurius';
import mercuriusAuth from 'mercurius-auth';
import { findCaller } from './caller.mjs';
import { typeDefs } from './schema.mjs';

// Mercurius with mercurius-auth in its directive mode, as its documentation has it.
const app = Fastify();
app.register(mercurius, {
  schema: makeExecutableSchema({
    typeDefs,
    resolvers: { Query: { me: (_parent, _args, { auth }) => auth.user } },
  }),
});
app.register(mercuriusAuth, {
  authContext: async ({ reply }) => ({
    user: await findCaller(reply.request.headers.authorization),
  }),
  applyPolicy: async (_directive, _parent, _args, { auth }) => auth.user !== null,
  authDirective: 'auth',
});

const url = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`Mercurius serves ${url}/graphql`);
