import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import Fastify, {
  type ConnectionError,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Config } from './config.ts';
import { type Database, ping } from './database.ts';
import { describeError } from './errors.ts';

const bodyLimitBytes = 100 * 1024;

/** The HTTP server with all that is not GraphQL: limits, headers, health, errors, request log. */
export async function createHttpServer(
  config: Config,
  database: Database,
  logStream: { write(line: string): void },
): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: 15_000,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    logger: { level: config.logLevel, stream: logStream },
    // One line at the end of a request, in place of two that hold the whole URL.
    logController: new LogController({ disableRequestLogging: true }),
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      void reply.code(400).send(errorBody('The request cannot be read.'));
    },
  });
  app.removeContentTypeParser('text/plain');
  await app.register(helmet);
  if (config.corsOrigins.length > 0) {
    await app.register(cors, {
      origin: config.corsOrigins.includes('*') ? '*' : [...config.corsOrigins],
      methods: ['POST'],
      exposedHeaders: ['WWW-Authenticate'],
      maxAge: 600,
    });
  }
  addErrors(app);
  addRequestRules(app);
  addHealth(app, database);
  return app;
}

function addRequestRules(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const problem = findRequestProblem(request);
    if (problem) await reply.code(problem.status).send(errorBody(problem.message));
  });
  app.addHook('onSend', async (request, reply) => {
    if (request.routeOptions.url !== '/graphql') return;
    reply.header('cache-control', 'no-store').header('vary', joinVary(reply.getHeader('vary')));
    // Under application/json the status tells about the request, and not about the operation.
    const isPlainJson = String(reply.getHeader('content-type')).startsWith('application/json');
    if (isPlainJson && reply.hasHeader('www-authenticate')) {
      reply.code(200).removeHeader('www-authenticate');
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, ip } = request;
    const milliseconds = Math.round(reply.elapsedTime);
    request.log.info(
      // The route, not the URL: what people put into URLs does not belong into a log.
      { method, route: request.routeOptions.url, status: reply.statusCode, ip, milliseconds },
      'request',
    );
  });
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    handler: (_request, reply) =>
      reply.code(405).header('allow', 'POST').send(errorBody('Send GraphQL by POST, as JSON.')),
  });
}

function findRequestProblem({ headers, host, raw }: FastifyRequest) {
  // HTTP/1.0 has no Host; probes of load balancers speak it.
  const isHostMissing = raw.httpVersion === '1.0' && headers.host === undefined;
  // RFC 3986, section 3.2.2: a name or address and a port, and nothing of a URL around them.
  const isHost = /^[\w.~%:[\]-]+$/.test(host) && URL.canParse(`http://${host}/`);
  if (!isHost && !isHostMissing) {
    return { status: 400, message: 'The Host header is not valid.' };
  }
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    return { status: 415, message: 'Compressed requests are not accepted.' };
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '')?.[1];
  return charset !== undefined && charset.toLowerCase() !== 'utf-8'
    ? { status: 415, message: 'Requests are accepted in UTF-8 only.' }
    : null;
}

function addHealth(app: FastifyInstance, database: Database): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  // A connection kept alive behind its last answer would hold up the end for as long as its client likes.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) reply.header('connection', 'close');
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (request, reply) => {
    try {
      if (!stopping) {
        await ping(database);
        return { status: 'ok' };
      }
    } catch (error) {
      request.log.warn({ error: describeError(error) }, 'the database does not answer');
    }
    return reply.code(503).send({ status: stopping ? 'stopping' : 'no database' });
  });
}

function addErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(errorBody('Nothing is here. The API is at /graphql.')),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(errorBody(error.message));
    const errorId = randomUUID();
    request.log.error({ errorId, error: describeError(error) }, 'unexpected error');
    return reply
      .code(status)
      .send(errorBody('Something went wrong.', { code: 'INTERNAL_SERVER_ERROR', errorId }));
  });
}

// What is not HTTP. Fastify's own handler would log its bytes, with every header in it.
function answerUnreadable(this: FastifyInstance, error: ConnectionError, socket: Socket): void {
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

/** An error before GraphQL, in the form that clients of GraphQL read. */
function errorBody(message: string, extensions: object = { code: 'BAD_REQUEST' }) {
  return { errors: [{ message, extensions }] };
}

function joinVary(vary: unknown): string {
  return [vary ?? [], 'Authorization'].flat().join(', ');
}
