import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext } from '../context.ts';

// All that Apollo reads of a POST: what the answer may be, what the body is, and what no simple form could send.
const headersRead = [
  'accept',
  'content-type',
  'apollo-require-preflight',
  'x-apollo-operation-name',
] as const;

/** Has Apollo answer the requests of a route for POST. */
export function apolloHandler(
  apollo: ApolloServer<RequestContext>,
  createContext: (request: FastifyRequest) => RequestContext,
) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: 'POST',
        headers: headersForApollo(request),
        // Only of a GET is it read.
        search: '',
        body: request.body,
      },
      context: async () => createContext(request),
    });
    reply.code(status ?? 200);
    for (const [name, value] of headers) reply.header(name, value);
    return body.kind === 'complete' ? body.string : Readable.from(body.asyncIterator);
  };
}

function headersForApollo({ headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const name of headersRead) {
    const value = headers[name];
    if (value) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}
