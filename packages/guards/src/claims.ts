import type { AdditionalClaims } from './additionalClaims.ts';

/** What a token says of its session. Times are whole seconds since 1970 (RFC 7519, NumericDate). */
export interface RefreshClaims {
  /** The user's id. */
  readonly sub: string;
  /** The session's id. */
  readonly sid: string;
  /** The session's generation: how many pairs it had given out when this token was made. */
  readonly gen: number;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

export interface AccessClaims extends RefreshClaims {
  /** When the password was last checked in this session (OpenID Connect Core 1.0, section 2). */
  readonly auth_time: number;
  /** True only in a token made by a password check. */
  readonly fresh: boolean;
  /** What a page repeats in a header when this token comes in a cookie; only in tokens that are meant for one. */
  readonly csrf?: string;
  /** What this server says besides. Each may be absent: a token may be older than what it could say. */
  readonly additional: Partial<Readonly<AdditionalClaims>>;
}
