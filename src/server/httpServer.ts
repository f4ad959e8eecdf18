import cors from '@fastify/cors';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { addAnswerLimit } from './answerLimit.ts';
import { addErrorAnswers, answerUnreadable, answerUnroutable } from './errorAnswers.ts';
import { addHealth, type Health } from './health.ts';
import { addProxyWarning } from './proxyWarning.ts';
import { addRequestLog, newRequestId } from './requestLog.ts';
import { addRequestRules } from './requestRules.ts';
import { addSecurityHeaders } from './securityHeaders.ts';
import type { TimeLimits } from './timeLimits.ts';

const bodyLimitBytes = 100 * 1024;

/** The HTTP server with all that is not GraphQL: limits, headers, health, errors, request log. */
export async function createHttpServer(
  config: Config,
  database: Database,
  { logStream, timeLimits }: { logStream: { write(line: string): void }; timeLimits: TimeLimits },
): Promise<{ app: FastifyInstance; health: Health }> {
  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: timeLimits.request,
    connectionTimeout: timeLimits.silence,
    // Of two time-outs Node takes the longer one for the whole request, and its own for headers is a minute.
    http: { headersTimeout: timeLimits.headers, connectionsCheckingInterval: timeLimits.check },
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    genReqId: newRequestId,
    logger: { level: config.logLevel, stream: logStream },
    // One line at the end of a request, in place of two that hold the whole URL.
    logController: new LogController({ disableRequestLogging: true }),
    clientErrorHandler: answerUnreadable,
    frameworkErrors: answerUnroutable,
  });
  // Node leaves out what comes behind the thousandth header: what a proxy appends, or a second Host. Their bytes have a
  // limit of their own.
  app.server.maxHeadersCount = 0;
  app.removeContentTypeParser('text/plain');
  addRequestLog(app);
  addAnswerLimit(app, timeLimits.answer);
  addProxyWarning(app);
  addSecurityHeaders(app);
  if (config.corsOrigins.length > 0) {
    await app.register(cors, {
      origin: config.corsOrigins.includes('*') ? '*' : [...config.corsOrigins],
      methods: ['GET', 'POST'],
      // Browsers then let a page send its cookies, and read an answer to them. Never with *, which the start refuses.
      credentials: config.jwt.cookies !== null,
      exposedHeaders: ['WWW-Authenticate'],
      maxAge: 600,
    });
  }
  addErrorAnswers(app);
  addRequestRules(app);
  return { app, health: addHealth(app, database, timeLimits) };
}
