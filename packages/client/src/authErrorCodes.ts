// Generated from the server's table of refusals, do not edit.

/** Each reason for which a server refuses a caller, with its code. */
export const authErrorCodes = {
  /** No token was sent. Sign in. */
  TOKEN_MISSING: 'UNAUTHENTICATED',
  /** The token was good and has run out. Refresh it; if it was the refresh token, sign in. */
  TOKEN_EXPIRED: 'UNAUTHENTICATED',
  /** Something about the token or the Authorization header is wrong. Sign in. */
  TOKEN_INVALID: 'UNAUTHENTICATED',
  /** A refresh token was sent where an access token is needed, or the reverse. */
  TOKEN_WRONG_TYPE: 'UNAUTHENTICATED',
  /** The session of the token has ended. Sign in. */
  TOKEN_REVOKED: 'UNAUTHENTICATED',
  /** A refresh token was used a second time, so its session has been ended. Sign in, and tell the user. */
  TOKEN_REUSED: 'UNAUTHENTICATED',
  /** The user of the token no longer exists. */
  USER_NOT_FOUND: 'UNAUTHENTICATED',
  /** The user of the token is disabled. */
  USER_INACTIVE: 'UNAUTHENTICATED',
  /** Ask for the password and call `freshLogin`. `extensions.maxAge` says how recent it has to be, in seconds. */
  FRESH_TOKEN_REQUIRED: 'UNAUTHENTICATED',
  /** The username or the password is wrong. */
  INVALID_CREDENTIALS: 'BAD_USER_INPUT',
  /** The CSRF token that goes with a cookie is missing or wrong. */
  CSRF_FAILED: 'UNAUTHENTICATED',
  /** Only administrators may do this. */
  ADMIN_REQUIRED: 'FORBIDDEN',
  /** The API token was not made for this: `extensions.scopes` has lists of scopes, of which it needs one. */
  SCOPE_REQUIRED: 'FORBIDDEN',
  /** An argument has to name the user who is signed in. */
  SELF_REQUIRED: 'FORBIDDEN',
  /** Only the user to whom it belongs may see this. */
  OWNER_REQUIRED: 'FORBIDDEN',
  /** New accounts are made by administrators here. */
  REGISTRATION_CLOSED: 'FORBIDDEN',
} as const;

/** Every `extensions.reason` with which a server refuses a caller. */
export type AuthErrorReason = keyof typeof authErrorCodes;

/** Every `extensions.code` with which a server refuses a caller. */
export type AuthErrorCode = (typeof authErrorCodes)[AuthErrorReason];
