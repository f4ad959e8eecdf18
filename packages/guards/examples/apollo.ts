import { ApolloServer, HeaderMap } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { announce, type Context, createContext, refuse, schema } from './doors.ts';

const apollo = new ApolloServer<Context>({ schema, includeStacktraceInErrorResponses: false });

apollo.addPlugin({
  requestDidStart: async () => ({
    // What this gives goes out in place of what the operation would have given.
    async responseForOperation({ document, operationName, request: { variables }, contextValue }) {
      const refusal = refuse(document, { operationName, variables }, contextValue);
      if (!refusal) return null;
      const { status, headers, errors } = refusal;
      return {
        http: { status, headers: new HeaderMap(Object.entries(headers)) },
        body: { kind: 'single', singleResult: { errors: errors.map((error) => error.toJSON()) } },
      };
    },
  }),
});

const { url } = await startStandaloneServer(apollo, {
  listen: { host: '127.0.0.1', port: Number(process.env['PORT'] ?? 4000) },
  context: ({ req }) => createContext(req),
});
announce(`${url}graphql`);
