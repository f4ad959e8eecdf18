import { GraphQLError } from 'graphql';

/**
 * Every reason for which a caller is not let through, with its code and its message. Clients switch on code and
 * reason; the message is for people.
 */
export const authErrors = {
  TOKEN_MISSING: ['UNAUTHENTICATED', 'Sign in first: no access token was sent.'],
  TOKEN_EXPIRED: ['UNAUTHENTICATED', 'The token has expired.'],
  TOKEN_INVALID: ['UNAUTHENTICATED', 'The token is not valid.'],
  TOKEN_WRONG_TYPE: ['UNAUTHENTICATED', 'This is a refresh token; an access token is needed here.'],
  TOKEN_REVOKED: ['UNAUTHENTICATED', 'The session of this token has ended.'],
  TOKEN_REUSED: [
    'UNAUTHENTICATED',
    'This refresh token was used before, so its session has been ended.',
  ],
  USER_NOT_FOUND: ['UNAUTHENTICATED', 'The user of this token no longer exists.'],
  USER_INACTIVE: ['UNAUTHENTICATED', 'This account is disabled.'],
  FRESH_TOKEN_REQUIRED: ['UNAUTHENTICATED', 'Enter your password again: a fresh token is needed.'],
  // A client that refreshes and repeats what was UNAUTHENTICATED would send the wrong password twice.
  INVALID_CREDENTIALS: ['BAD_USER_INPUT', 'Wrong username or password.'],
  CSRF_FAILED: ['UNAUTHENTICATED', 'The CSRF token is missing or wrong.'],
  ADMIN_REQUIRED: ['FORBIDDEN', 'Administrators only.'],
  SCOPE_REQUIRED: ['FORBIDDEN', 'This token does not have the scope for that.'],
  SELF_REQUIRED: ['FORBIDDEN', 'Everybody may do this for themselves only.'],
  OWNER_REQUIRED: ['FORBIDDEN', 'Only the owner may see this.'],
  REGISTRATION_CLOSED: ['FORBIDDEN', 'Registration is closed.'],
} as const satisfies Record<
  string,
  readonly ['UNAUTHENTICATED' | 'FORBIDDEN' | 'BAD_USER_INPUT', string]
>;

export type AuthErrorReason = keyof typeof authErrors;

/** What an error says besides its reason. */
interface AuthErrorDetails {
  readonly message?: string;
  readonly maxAge?: number;
  readonly scopes?: readonly (readonly string[])[];
}

/**
 * A refusal, as the client sees it: `extensions.code`, `extensions.reason`, and what else belongs to the reason
 * (`maxAge`, in seconds, for FRESH_TOKEN_REQUIRED; `scopes`, one list of which is needed, for SCOPE_REQUIRED).
 * It has no stack trace, which would cost more than the rest of an answer: a refusal is no bug.
 *
 * @example
 * const error = new AuthError('FRESH_TOKEN_REQUIRED', { maxAge: 60 });
 * console.log(error.extensions['code'], error.extensions['maxAge']); // UNAUTHENTICATED 60
 */
export class AuthError extends GraphQLError {
  readonly reason: AuthErrorReason;

  constructor(
    reason: AuthErrorReason,
    { message = authErrors[reason][1], ...details }: AuthErrorDetails = {},
  ) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, { extensions: { code: authErrors[reason][0], reason, ...details } });
    Error.stackTraceLimit = stackTraceLimit;
    this.reason = reason;
  }
}
