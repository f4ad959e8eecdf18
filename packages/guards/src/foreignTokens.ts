import type { AuthErrorReason } from './errors.ts';

/** What an access token of another issuer says. It is verified, and whose it is here, a loader decides. */
export interface ForeignToken {
  /** As the issuer writes itself in `iss`. */
  readonly issuer: string;
  /** Whom the issuer means. Two issuers may mean different people by the same: a user is known by both together. */
  readonly subject: string;
  /** `scope`, words with spaces between them (RFC 8693, section 4.2), or the `scp` of issuers that have none. */
  readonly scopes: readonly string[];
  /** When somebody last signed in at the issuer (`auth_time`), in seconds since 1970; null where it does not say. */
  readonly authenticatedAt: number | null;
  /** When the token ends, in seconds since 1970. */
  readonly expiresAt: number;
  /** The whole payload, as the issuer wrote it. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a token of another issuer says, or why it cannot be used. */
export type VerifiedForeign =
  | { readonly token: ForeignToken }
  | { readonly reason: AuthErrorReason };

/** The issuers whose tokens are taken besides one's own; `trustIssuers` of `@sallyport/guards/issuers` makes them. */
export interface Issuers {
  /** For how long a token is good after its end. */
  readonly leewaySeconds: number;
  /** Which of them a token names; null when it names none. Nothing of the token is verified. */
  issuerOf(token: string): string | null;
  /**
   * Verifies an access token with the keys of the issuer that it names. It is TOKEN_INVALID, whatever is wrong with it,
   * and TOKEN_EXPIRED only when it is right in all else.
   *
   * @throws IssuerUnreachable when the key of the token may be one that cannot be loaded now
   */
  verify(token: string, now: Date): Promise<VerifiedForeign>;
  /** Loads the keys of all issuers before a token needs them, and returns why they could not be. It never throws. */
  loadKeys(): Promise<readonly IssuerUnreachable[]>;
}

/**
 * The keys of an issuer cannot be loaded, so nobody knows whether a token of it is good: that is not the fault of who
 * sent it. Answer as for a database that is down. What went wrong is its cause; it says nothing of the token.
 *
 * @example
 * console.log(new IssuerUnreachable('https://login.example.com').issuer); // https://login.example.com
 */
export class IssuerUnreachable extends Error {
  override readonly name = 'IssuerUnreachable';
  readonly issuer: string;

  constructor(issuer: string, options?: ErrorOptions) {
    super(`The keys of ${issuer} cannot be loaded.`, options);
    this.issuer = issuer;
  }
}
