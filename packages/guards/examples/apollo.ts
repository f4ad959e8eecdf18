import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { useGate } from '@sallyport/guards/apollo';
import { announce, gate, port } from './shop.ts';

const server = new ApolloServer({
  schema: gate.schema,
  plugins: [useGate(gate)],
  includeStacktraceInErrorResponses: false,
});

const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port } });
announce(`${url}graphql`);
