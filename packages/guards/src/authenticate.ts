import { hashApiToken, isApiToken } from './apiTokens.ts';
import { type Authentication, anonymous, type Rejected } from './authentication.ts';
import type { Bearer } from './bearer.ts';
import type { AccessClaims } from './claims.ts';
import { AuthError, type AuthErrorReason } from './errors.ts';
import type { ForeignToken, Issuers } from './foreignTokens.ts';
import { type Tokens, toSeconds } from './tokens.ts';

/** What a loader finds of the user a token names: the user, who is never null, or why there is none. */
export type LoadedUser<User> =
  | {
      readonly user: User & {};
      readonly isAdmin: boolean;
      /**
       * What the token may be used for: all of a session, none of an API token, and what a token of another issuer
       * says, unless the loader says so.
       */
      readonly scopes?: 'all' | readonly string[];
    }
  | { readonly reason: AuthErrorReason };

/** How a server finds the users of tokens. What they throw (a database that is down), `authenticate` lets through. */
export interface Loaders<User> {
  readonly loadUser: (claims: AccessClaims) => Promise<LoadedUser<User>>;
  /** Given the SHA-256 of the token. Without it, API tokens are invalid, as they are where nobody makes them. */
  readonly loadUserOfApiToken?: (hash: Buffer) => Promise<LoadedUser<User>>;
  /** Finds the user of a token of another issuer, or makes one. Without it, such tokens are invalid. */
  readonly loadUserOfIssuer?: (token: ForeignToken) => Promise<LoadedUser<User>>;
}

/** What `authenticate` needs besides the header. */
export interface Verifiers<User> {
  /** Those of one's own; left out where there are none. */
  readonly tokens?: Tokens | null;
  /** Those whose tokens are taken besides. */
  readonly issuers?: Issuers | null;
  readonly now: Date;
  readonly loaders: Loaders<User>;
}

const invalid = { reason: 'TOKEN_INVALID' } as const;

/**
 * Turns what an `Authorization` header holds into an Authentication: verifies the token, and loads its user. Nothing
 * in the header makes it throw. A token that is none of one's own, and names an issuer that is trusted, is verified
 * with the keys of that.
 *
 * @throws IssuerUnreachable when those cannot be loaded
 *
 * @example
 * const authentication = await authenticate(readBearer([]), {
 *   tokens,
 *   now: new Date(),
 *   loaders: { loadUser: async () => ({ reason: 'USER_NOT_FOUND' }) },
 * });
 * console.log(authentication.status); // anonymous
 */
export async function authenticate<User>(
  bearer: Bearer,
  verifiers: Verifiers<User>,
): Promise<Authentication<User>> {
  const { tokens, now, loaders } = verifiers;
  if (bearer === 'absent') return anonymous;
  if (bearer === 'malformed') return rejected('TOKEN_INVALID');
  if (isApiToken(bearer.token)) return await authenticateProgram(bearer.token, loaders);
  const verified = tokens?.verifyAccess(bearer.token, now) ?? invalid;
  if ('reason' in verified) {
    return verified.reason === 'TOKEN_INVALID'
      ? await authenticateForeign(bearer.token, verifiers)
      : rejected(verified.reason);
  }
  const { claims } = verified;
  const loaded = await loaders.loadUser(claims);
  if ('reason' in loaded) return rejected(loaded.reason);
  // A loader in JavaScript can return neither a user nor a reason.
  if (!isSomebody(loaded.user)) return rejected('USER_NOT_FOUND');
  const passwordCheckedAt = claims.fresh ? claims.auth_time : null;
  return {
    status: 'authenticated',
    scopes: 'all',
    ...loaded,
    passwordAgeSeconds: passwordCheckedAt === null ? null : toSeconds(now) - passwordCheckedAt,
    passwordCheckedAt,
    expiresAt: claims.exp + (tokens?.leewaySeconds ?? 0),
    claims,
  };
}

async function authenticateForeign<User>(
  token: string,
  { issuers, now, loaders: { loadUserOfIssuer } }: Verifiers<User>,
): Promise<Authentication<User>> {
  if (!issuers || !loadUserOfIssuer || issuers.issuerOf(token) === null)
    return rejected('TOKEN_INVALID');
  const verified = await issuers.verify(token, now);
  if ('reason' in verified) return rejected(verified.reason);
  const foreign = verified.token;
  const loaded = await loadUserOfIssuer(foreign);
  if ('reason' in loaded) return rejected(loaded.reason);
  if (!isSomebody(loaded.user)) return rejected('USER_NOT_FOUND');
  const { authenticatedAt, expiresAt, scopes } = foreign;
  return {
    status: 'authenticated',
    scopes,
    ...loaded,
    passwordAgeSeconds: authenticatedAt === null ? null : toSeconds(now) - authenticatedAt,
    passwordCheckedAt: authenticatedAt,
    expiresAt: expiresAt + issuers.leewaySeconds,
    claims: null,
    foreign,
  };
}

function isSomebody(user: unknown): boolean {
  return user !== null && user !== undefined;
}

async function authenticateProgram<User>(
  token: string,
  { loadUserOfApiToken }: Loaders<User>,
): Promise<Authentication<User>> {
  const hash = hashApiToken(token);
  if (!hash || !loadUserOfApiToken) return rejected('TOKEN_INVALID');
  const loaded = await loadUserOfApiToken(hash);
  if ('reason' in loaded) return rejected(loaded.reason);
  if (!isSomebody(loaded.user)) return rejected('USER_NOT_FOUND');
  return { status: 'authenticated', scopes: [], ...loaded, passwordAgeSeconds: null, claims: null };
}

function rejected(reason: AuthErrorReason): Rejected {
  return { status: 'rejected', error: new AuthError(reason) };
}
