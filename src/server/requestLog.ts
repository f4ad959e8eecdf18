import { randomUUID } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../context.ts';

const longestName = 64;
// A document that is refused has at most this many errors.
const maximumErrors = 5;

/** What the line of a request says of its operation: nothing of the document but its name, and no values. */
export interface OperationRecord {
  operation: { readonly kind: string; readonly name: string | null } | null;
  errors: readonly LoggedError[];
  userId: string | null;
  sessionId: string | null;
  /** Whose token it was, where it was none of ours. */
  issuer: string | null;
}

interface LoggedError {
  readonly code: unknown;
  readonly reason?: unknown;
  readonly errorId?: unknown;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the log is told of the GraphQL operation of this request; null where there is none. */
    operationRecord: OperationRecord | null;
  }
}

/**
 * An id that no other request of any node or run has, in every log line of a request. It is never the client's: who can
 * choose it can make two requests look like one.
 */
export const newRequestId = (): string => randomUUID();

/** One line at the end of each request: the route, not the URL, because what people put into URLs is not for a log. */
export function addRequestLog(app: FastifyInstance): void {
  app.decorateRequest('operationRecord', null);
  app.addHook('onResponse', (request, reply, done) => {
    const { method, ip } = request;
    const milliseconds = Math.round(reply.elapsedTime);
    const route = request.routeOptions.url;
    const { operation, errors, userId, sessionId, issuer } = request.operationRecord ?? {};
    request.log.info(
      {
        method,
        route,
        status: reply.statusCode,
        ip,
        milliseconds,
        ...(operation && { operation }),
        ...(errors?.length && { errors }),
        ...(userId && { userId }),
        ...(sessionId && { sessionId }),
        ...(issuer && { issuer }),
      },
      'request',
    );
    done();
  });
}

export interface OperationLog {
  /** Fills the record of each request. */
  readonly plugin: ApolloServerPlugin<RequestContext>;
  /** The log of the request in which an error was thrown. */
  readonly logOf: (error: unknown) => FastifyBaseLogger | undefined;
}

/** Connects what Apollo knows of an operation with the log of its request. */
export function createOperationLog(): OperationLog {
  const logs = new WeakMap<object, FastifyBaseLogger>();
  return {
    logOf: (error) => (error instanceof Error ? logs.get(error) : undefined),
    plugin: {
      async requestDidStart() {
        return {
          async didEncounterErrors({ errors, contextValue }) {
            for (const error of errors) logs.set(error, contextValue.log);
          },
          async willSendResponse({ operation, contextValue, response }) {
            const { record, authentication } = contextValue;
            if (operation) {
              const name = operation.name?.value.slice(0, longestName) ?? null;
              record.operation = { kind: operation.operation, name };
            }
            if (response.body.kind === 'single') {
              record.errors = summarize(response.body.singleResult.errors ?? []);
            }
            if (authentication?.status !== 'authenticated') return;
            record.userId = contextValue.user?.id ?? null;
            record.sessionId = authentication.claims?.sid ?? null;
            record.issuer = authentication.foreign?.issuer ?? null;
          },
        };
      },
    },
  };
}

// Errors of the same kind are one entry: a query with 100 aliases of a refused field has 100 errors of one kind.
function summarize(errors: readonly GraphQLFormattedError[]): LoggedError[] {
  const kinds = new Map<string, LoggedError>();
  for (const { extensions: { code, reason, errorId } = {} } of errors) {
    const error = {
      code,
      ...(reason !== undefined && { reason }),
      ...(errorId !== undefined && { errorId }),
    };
    kinds.set(JSON.stringify(error), error);
  }
  return [...kinds.values()].slice(0, maximumErrors);
}
