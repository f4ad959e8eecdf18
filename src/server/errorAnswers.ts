import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type {
  ConnectionError,
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import { describeError } from '../errors.ts';
import { retryAfterSeconds } from './outageAnswer.ts';

/** An error before GraphQL, in the form that clients of GraphQL read. */
export function errorBody(message: string, extensions: object = { code: 'BAD_REQUEST' }) {
  return { errors: [{ message, extensions }] };
}

/** Answers requests that have no route, and those that fail in a route or before it. */
export function addErrorAnswers(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(errorBody('Nothing is here. The API is at /graphql.')),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(errorBody(error.message));
    const errorId = randomUUID();
    request.log.error({ errorId, error: describeError(error) }, 'unexpected error');
    if (status === 503) reply.header('retry-after', retryAfterSeconds);
    return reply
      .code(status)
      .send(errorBody('Something went wrong.', { code: 'INTERNAL_SERVER_ERROR', errorId }));
  });
}

/** Answers a path that cannot be decoded, which Fastify would repeat. */
export function answerUnroutable(_error: Error, _request: FastifyRequest, reply: FastifyReply) {
  void reply.code(400).send(errorBody('The request cannot be read.'));
}

/** Answers bytes that are not HTTP, or come too slowly. Fastify's own handler would log them, headers included. */
export function answerUnreadable(
  this: FastifyInstance,
  error: ConnectionError,
  socket: Socket,
): void {
  const { code = 'unknown' } = error as { code?: string };
  this.log.info({ code }, 'a request could not be read');
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = unreadableStatuses[code] ?? '400 Bad Request';
  const body = JSON.stringify(errorBody('The request cannot be read.'));
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}

const unreadableStatuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
