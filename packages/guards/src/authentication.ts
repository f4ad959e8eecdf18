import type { AccessClaims } from './claims.ts';
import type { AuthError } from './errors.ts';
import type { ForeignToken } from './foreignTokens.ts';

/**
 * Who the caller is, as data: it refuses nothing by itself, the guards judge it.
 *
 * `rejected` holds the error of a token that was sent and is not good. It is never anonymous.
 */
export type Authentication<User = unknown> = Anonymous | Rejected | Authenticated<User>;

export interface Anonymous {
  readonly status: 'anonymous';
}

export interface Rejected {
  readonly status: 'rejected';
  readonly error: AuthError;
}

export interface Authenticated<User = unknown> {
  readonly status: 'authenticated';
  readonly user: User;
  /** By the database, now. */
  readonly isAdmin: boolean;
  /**
   * What the token may be used for, as `@requiresScopes` asks: `all` of a session, a list of an API token or of a token
   * of another issuer. Absent, none.
   */
  readonly scopes?: 'all' | readonly string[];
  /** Seconds since the password check that made this token; null when no password check made it. */
  readonly passwordAgeSeconds: number | null;
  /**
   * When the token can be used no more, in seconds since 1970, and when the password was checked that made it. Each
   * event of a subscription is judged by them, for it comes later than the token was looked at. Null, or absent: never.
   */
  readonly expiresAt?: number | null;
  readonly passwordCheckedAt?: number | null;
  /**
   * What the access token says; null when the caller has no session: a program with an API token, or who has a token of
   * another issuer.
   */
  readonly claims: AccessClaims | null;
  /** What the token says that another issuer has given; null, or absent, when it is one of our own. */
  readonly foreign?: ForeignToken | null;
}

export const anonymous: Anonymous = { status: 'anonymous' };

/** What the guarded resolvers need of the context: loaded before the first of them runs. */
export interface GuardedContext {
  readonly authentication: Authentication | null;
  /** By which the events of a subscription are judged; the machine's own where it is absent. */
  readonly clock?: () => Date;
}
