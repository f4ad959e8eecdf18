import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext } from '../context.ts';

// The headers that Apollo reads. The last two are among those that no HTML form can send.
const headersRead = [
  'accept',
  'content-type',
  'apollo-require-preflight',
  'x-apollo-operation-name',
] as const;

/** What is wrong with a document or its variables, and not with the request that brought them. */
const documentCodes = new Set<unknown>([
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.BAD_USER_INPUT,
]);

/** Has Apollo answer the requests of a route: a HEAD as the GET that it stands for. */
export function apolloHandler(
  apollo: ApolloServer<RequestContext>,
  createContext: (request: FastifyRequest, reply: FastifyReply) => RequestContext,
) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const method = request.method === 'POST' ? 'POST' : 'GET';
    // Apollo has a context made only once it has read the request.
    const made: { context?: RequestContext } = {};
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method,
        headers: headersForApollo(request, method),
        search: method === 'GET' ? searchOf(request) : '',
        body: request.body,
      },
      context: async () => {
        made.context = createContext(request, reply);
        return made.context;
      },
    });
    // The time for an answer was up, and one was sent. A second one would make Fastify log the URL.
    if (reply.sent) return;
    // Under application/json the status tells about the request, and not about the operation (GraphQL over HTTP,
    // "Status Codes").
    const isPlainJson = headers.get('content-type')?.startsWith('application/json') ?? false;
    const isOfOperation =
      headers.has('www-authenticate') || (status === 400 && isDocumentError(request));
    if (isPlainJson) headers.delete('www-authenticate');
    reply.code(isPlainJson && isOfOperation ? 200 : (status ?? 200));
    for (const [name, value] of headers) reply.header(name, value);
    for (const line of made.context?.cookies?.lines() ?? []) reply.header('set-cookie', line);
    return body.kind === 'complete' ? body.string : Readable.from(body.asyncIterator);
  };
}

function headersForApollo({ headers }: FastifyRequest, method: 'GET' | 'POST'): HeaderMap {
  const map = new HeaderMap();
  for (const name of headersRead) {
    const value = headers[name];
    if (value) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  // Apollo would refuse any GET that a browser sends without asking first, those of urql too. The endpoint has refused
  // what comes from pages that may not ask.
  if (method === 'GET') map.set('apollo-require-preflight', 'true');
  return map;
}

function searchOf({ url }: FastifyRequest): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start);
}

function isDocumentError({ operationRecord }: FastifyRequest): boolean {
  return operationRecord?.errors.some(({ code }) => documentCodes.has(code)) ?? false;
}
