import { randomUUID } from 'node:crypto';
import { DrizzleQueryError } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AuthError } from './auth/index.ts';
import { documentError } from './documentErrors.ts';

/** A failure that the client is meant to see, other than AuthError. */
export class ApiError extends GraphQLError {
  constructor(
    code: 'BAD_USER_INPUT' | 'CONFLICT' | 'FORBIDDEN' | 'NOT_FOUND' | 'RATE_LIMITED',
    message: string,
    details: { argument?: string; reason?: string; retryAfter?: number } = {},
  ) {
    super(message, { extensions: { code, ...details } });
  }
}

/** The message says what is allowed, and never repeats the value. */
export function badUserInput(argument: string, message: string): ApiError {
  return new ApiError('BAD_USER_INPUT', message, { argument });
}

export function conflict(message: string): ApiError {
  return new ApiError('CONFLICT', message);
}

export function notFound(what: string): ApiError {
  return new ApiError('NOT_FOUND', `${what} not found.`);
}

export function rateLimited(retryAfterSeconds: number): ApiError {
  return new ApiError(
    'RATE_LIMITED',
    `Too many attempts. Try again in ${retryAfterSeconds} seconds.`,
    { retryAfter: retryAfterSeconds },
  );
}

/**
 * Makes Apollo's `formatError`: our own errors and those about the request itself go out; everything else is logged
 * under an `errorId`, and only the id goes out.
 */
export function createErrorFormatter(log: FastifyBaseLogger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const cause = (error instanceof GraphQLError && error.originalError) || error;
    if (cause instanceof AuthError || cause instanceof ApiError) return formatted;
    return documentError(formatted, error) ?? maskedError(formatted, cause, log);
  };
}

function maskedError(
  { locations, path }: GraphQLFormattedError,
  cause: unknown,
  log: FastifyBaseLogger,
): GraphQLFormattedError {
  const errorId = randomUUID();
  log.error({ errorId, path, error: describeError(cause) }, 'unexpected error');
  return {
    message: 'Something went wrong.',
    extensions: { code: 'INTERNAL_SERVER_ERROR', errorId },
    ...(locations && { locations }),
    ...(path && { path }),
  };
}

export interface ErrorDescription {
  readonly type: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

/** An error for the log, with its causes, without the values of a query: they could be a password's hash. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error };
  const message =
    error instanceof DrizzleQueryError ? `Failed query: ${error.query}` : error.message;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: error.name,
    message,
    ...('code' in error && { code: error.code }),
    stack: frames.join('\n'),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
