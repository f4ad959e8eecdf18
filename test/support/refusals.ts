/** Refusals as `failure` returns them, for tests that assert code, reason and message at once. */
export const refusals = {
  missing: unauthenticated('TOKEN_MISSING', 'Sign in first: no access token was sent.'),
  expired: unauthenticated('TOKEN_EXPIRED', 'The token has expired.'),
  invalid: unauthenticated('TOKEN_INVALID', 'The token is not valid.'),
  wrongType: unauthenticated(
    'TOKEN_WRONG_TYPE',
    'This is a refresh token; an access token is needed here.',
  ),
  revoked: unauthenticated('TOKEN_REVOKED', 'The session of this token has ended.'),
  reused: unauthenticated(
    'TOKEN_REUSED',
    'This refresh token was used before, so its session has been ended.',
  ),
  userNotFound: unauthenticated('USER_NOT_FOUND', 'The user of this token no longer exists.'),
  userInactive: unauthenticated('USER_INACTIVE', 'This account is disabled.'),
  freshRequired: {
    ...unauthenticated(
      'FRESH_TOKEN_REQUIRED',
      'Enter your password again: a fresh token is needed.',
    ),
    maxAge: 300,
  },
  invalidCredentials: {
    code: 'BAD_USER_INPUT',
    reason: 'INVALID_CREDENTIALS',
    message: 'Wrong username or password.',
  },
  adminRequired: { code: 'FORBIDDEN', reason: 'ADMIN_REQUIRED', message: 'Administrators only.' },
  registrationClosed: {
    code: 'FORBIDDEN',
    reason: 'REGISTRATION_CLOSED',
    message: 'Registration is closed.',
  },
};

function unauthenticated(reason: string, message: string) {
  return { code: 'UNAUTHENTICATED', reason, message };
}
