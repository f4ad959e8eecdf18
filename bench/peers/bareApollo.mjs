import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { typeDefs } from './schema.mjs';

// The least that can stand around Apollo: nothing but Node's own server, without routes, limits, a log or headers of its
// own. Whoever asks Apollo by HTTP cannot be faster.

const resolvers = { Query: { serverTime: () => new Date().toISOString() } };
const apollo = new ApolloServer({ typeDefs, resolvers });
await apollo.start();

const server = createServer(async (request, response) => {
  const asked = new HeaderMap();
  for (const name of ['accept', 'content-type']) {
    const value = request.headers[name];
    if (value !== undefined) asked.set(name, value);
  }
  const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method,
      headers: asked,
      search: '',
      body: JSON.parse(await text(request)),
    },
    context: async () => ({}),
  });
  response.writeHead(status ?? 200, Object.fromEntries(headers));
  response.end(body.string);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`Apollo serves http://127.0.0.1:${server.address().port}/`);
