import { randomUUID } from 'node:crypto';
import { AuthError } from '@sallyport/guards';
import { DrizzleQueryError } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { documentError } from './server/documentError.ts';

/**
 * A failure that the client is meant to see, other than AuthError.
 *
 * @example
 * const error = new ApiError('FORBIDDEN', 'Only with a full name.', { reason: 'NAME_REQUIRED' });
 * console.log(error.extensions['code'], error.extensions['reason']); // FORBIDDEN NAME_REQUIRED
 */
export class ApiError extends GraphQLError {
  constructor(
    code: 'BAD_USER_INPUT' | 'CONFLICT' | 'FORBIDDEN' | 'NOT_FOUND' | 'RATE_LIMITED',
    message: string,
    details: {
      argument?: string;
      problems?: readonly InputProblem[];
      reason?: string;
      retryAfter?: number;
    } = {},
  ) {
    super(message, { extensions: { code, ...details } });
  }
}

/**
 * The message says what is allowed, and never repeats the value.
 *
 * @example
 * console.log(badUserInput('title', 'A title has 1 to 100 characters.').extensions['argument']); // title
 */
export function badUserInput(argument: string, message: string): ApiError {
  return new ApiError('BAD_USER_INPUT', message, { argument });
}

export interface InputProblem {
  readonly argument: string;
  readonly message: string;
}

/**
 * One error for all that is wrong with arguments, by their names; null when nothing is. Of several, `argument` is the
 * first, and `problems` are all.
 */
export function inputError(found: Readonly<Record<string, string | null>>): ApiError | null {
  const problems = Object.entries(found).flatMap(([argument, message]) =>
    message === null ? [] : { argument, message },
  );
  const [first, ...others] = problems;
  if (!first) return null;
  if (others.length === 0) return badUserInput(first.argument, first.message);
  const message = problems.map((problem) => problem.message).join(' ');
  return new ApiError('BAD_USER_INPUT', message, { argument: first.argument, problems });
}

/**
 * @example
 * console.log(conflict('There is such a note already.').extensions['code']); // CONFLICT
 */
export function conflict(message: string): ApiError {
  return new ApiError('CONFLICT', message);
}

/**
 * @example
 * console.log(notFound('Note').message); // Note not found.
 */
export function notFound(what: string): ApiError {
  return new ApiError('NOT_FOUND', `${what} not found.`);
}

/**
 * @example
 * console.log(rateLimited(60).message); // Too many attempts. Try again in 60 seconds.
 */
export function rateLimited(retryAfterSeconds: number): ApiError {
  return new ApiError(
    'RATE_LIMITED',
    `Too many attempts. Try again in ${retryAfterSeconds} seconds.`,
    { retryAfter: retryAfterSeconds },
  );
}

/**
 * Makes Apollo's `formatError`: our own errors and those about the request itself go out; everything else is logged
 * under an `errorId`, in the log of its request, and only the id goes out.
 */
export function createErrorFormatter(logOf: (error: unknown) => FastifyBaseLogger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const cause = (error instanceof GraphQLError && error.originalError) || error;
    if (cause instanceof AuthError || cause instanceof ApiError) return formatted;
    return documentError(formatted, error) ?? maskedError(formatted, cause, logOf(error));
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
