import { type AuthErrorCode, type AuthErrorReason, authErrorCodes } from './authErrorCodes.ts';

/** Every `extensions.code` with which a server answers. */
export type ErrorCode =
  | AuthErrorCode
  | 'BAD_REQUEST'
  | 'CONFLICT'
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'INTERNAL_SERVER_ERROR'
  | 'NOT_FOUND'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'PERSISTED_QUERY_NOT_SUPPORTED'
  | 'RATE_LIMITED';

/**
 * Whether an `extensions.reason` is one that this version of the client knows; a newer server may have others.
 *
 * @example
 * console.log(isAuthErrorReason('TOKEN_EXPIRED'), isAuthErrorReason(undefined)); // true false
 */
export function isAuthErrorReason(reason: unknown): reason is AuthErrorReason {
  return typeof reason === 'string' && Object.hasOwn(authErrorCodes, reason);
}
