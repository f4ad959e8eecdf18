import { type AuthErrorReason, isAuthErrorReason } from '@sallyport/client';

/** What a button beside an error does. */
export type Remedy = 'sign in' | 'refresh' | 'confirm the password';

/** What an error means, and what to do about it. */
export interface Advice {
  readonly reason: string;
  readonly meaning: string;
  readonly remedy: Remedy | null;
}

type Meaning = Omit<Advice, 'reason'>;

const byReason: Readonly<Record<AuthErrorReason, Meaning>> = {
  TOKEN_MISSING: {
    meaning: 'This asks for somebody who is signed in, and no token was sent.',
    remedy: 'sign in',
  },
  TOKEN_EXPIRED: { meaning: 'The token has run out.', remedy: 'refresh' },
  TOKEN_INVALID: { meaning: 'The server does not accept this token.', remedy: 'sign in' },
  TOKEN_WRONG_TYPE: {
    meaning: 'A refresh token was sent in place of an access token, or the reverse.',
    remedy: 'sign in',
  },
  TOKEN_REVOKED: { meaning: 'The session of the token has ended.', remedy: 'sign in' },
  TOKEN_REUSED: {
    meaning:
      'The refresh token was used twice, so that somebody else may have had it. The session has ended.',
    remedy: 'sign in',
  },
  USER_NOT_FOUND: { meaning: 'The account is no longer there.', remedy: 'sign in' },
  USER_INACTIVE: {
    meaning: 'The account is disabled. An administrator can enable it again.',
    remedy: null,
  },
  FRESH_TOKEN_REQUIRED: {
    meaning: 'This asks for a password check that is more recent than the last one.',
    remedy: 'confirm the password',
  },
  INVALID_CREDENTIALS: { meaning: 'The username or the password is wrong.', remedy: null },
  CSRF_FAILED: { meaning: 'The request does not come from a page of this server.', remedy: null },
  ADMIN_REQUIRED: {
    meaning: 'Only administrators may do this. Sign in as one, or switch to such an account.',
    remedy: 'sign in',
  },
  SCOPE_REQUIRED: {
    meaning: 'The API token was made without the scope for this. Sign in, or make another token.',
    remedy: 'sign in',
  },
  SELF_REQUIRED: { meaning: 'Everybody may do this for themselves only.', remedy: null },
  OWNER_REQUIRED: { meaning: 'This belongs to somebody else.', remedy: null },
  REGISTRATION_CLOSED: { meaning: 'Accounts are made by administrators here.', remedy: null },
};

const byCode: Readonly<Record<string, Meaning>> = {
  RATE_LIMITED: { meaning: 'That was too often in a short time.', remedy: null },
  GRAPHQL_VALIDATION_FAILED: {
    meaning: 'The document does not fit the schema, or is larger than the server allows.',
    remedy: null,
  },
  GRAPHQL_PARSE_FAILED: { meaning: 'The document cannot be read as GraphQL.', remedy: null },
  CONFLICT: { meaning: 'What is there already stands against it.', remedy: null },
  NOT_FOUND: { meaning: 'There is no such thing.', remedy: null },
  BAD_USER_INPUT: { meaning: 'A value that was sent does not fit.', remedy: null },
  INTERNAL_SERVER_ERROR: {
    meaning: 'The server failed. Its log says why, under the errorId of the answer.',
    remedy: null,
  },
};

/** Explains the errors of an answer, each reason once. Errors of a server's own are left to their messages. */
export function adviceFor(
  errors: readonly { readonly extensions?: { readonly [name: string]: unknown } | null }[],
): Advice[] {
  const reasons = errors.map(({ extensions }) =>
    String(extensions?.['reason'] ?? extensions?.['code'] ?? ''),
  );
  return [...new Set(reasons)].flatMap((reason) => {
    const meaning = isAuthErrorReason(reason) ? byReason[reason] : byCode[reason];
    return meaning ? [{ reason, ...meaning }] : [];
  });
}
