/** Refusals as `failures` has them, for tests that assert code, reason and message at once. */
export const refusals = {
  missing: unauthenticated('TOKEN_MISSING', 'Sign in first: no access token was sent.'),
  revoked: unauthenticated('TOKEN_REVOKED', 'The session of this token has ended.'),
  freshRequired: {
    ...unauthenticated(
      'FRESH_TOKEN_REQUIRED',
      'Enter your password again: a fresh token is needed.',
    ),
    maxAge: 300,
  },
  selfRequired: {
    code: 'FORBIDDEN',
    reason: 'SELF_REQUIRED',
    message: 'Everybody may do this for themselves only.',
  },
  ownerRequired: {
    code: 'FORBIDDEN',
    reason: 'OWNER_REQUIRED',
    message: 'Only the owner may see this.',
  },
  adminRequired: { code: 'FORBIDDEN', reason: 'ADMIN_REQUIRED', message: 'Administrators only.' },
};

function unauthenticated(reason: string, message: string) {
  return { code: 'UNAUTHENTICATED', reason, message };
}
