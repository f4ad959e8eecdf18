import { type Authenticated, type Authentication, anonymous } from './authentication.ts';
import { AuthError, type AuthErrorReason } from './errors.ts';

function signedInAs(change: Partial<Authenticated>): Authenticated {
  return {
    status: 'authenticated',
    user: {},
    isAdmin: false,
    scopes: 'all',
    passwordAgeSeconds: null,
    claims: null,
    ...change,
  };
}

function rejectedFor(reason: AuthErrorReason): Authentication {
  return { status: 'rejected', error: new AuthError(reason) };
}

/** The kinds of callers that the guards of the engine tell apart, as nobody in particular. */
export const callers = {
  anonymous,
  user: signedInAs({}),
  fresh: signedInAs({ passwordAgeSeconds: 0 }),
  admin: signedInAs({ isAdmin: true }),
  'fresh-admin': signedInAs({ isAdmin: true, passwordAgeSeconds: 0 }),
} as const satisfies Record<string, Authentication>;

/** Callers whose token is not good. */
export const rejectedCallers = {
  expired: rejectedFor('TOKEN_EXPIRED'),
  revoked: rejectedFor('TOKEN_REVOKED'),
} as const satisfies Record<string, Authentication>;
