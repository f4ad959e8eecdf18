import { hashApiToken, isApiToken } from './apiTokens.ts';
import { AuthError, type AuthErrorReason } from './errors.ts';
import { type AccessClaims, type Tokens, tokenProblem, toSeconds } from './tokens.ts';

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
  /** Seconds since the password check that made this token; null when no password check made it. */
  readonly passwordAgeSeconds: number | null;
  /** What the access token says; null when the caller is a program with an API token, which has no session. */
  readonly claims: AccessClaims | null;
}

export const anonymous: Anonymous = { status: 'anonymous' };

/** What a loader finds of the user a token names: the user, or why there is none. */
export type LoadedUser<User> =
  | { readonly user: User; readonly isAdmin: boolean }
  | { readonly reason: AuthErrorReason };

/** How a server finds the users of tokens. What they throw (a database that is down), `authenticate` lets through. */
export interface Loaders<User> {
  readonly loadUser: (claims: AccessClaims) => Promise<LoadedUser<User>>;
  /** Given the SHA-256 of the token. Without it, API tokens are invalid, as they are where nobody makes them. */
  readonly loadUserOfApiToken?: (hash: Buffer) => Promise<LoadedUser<User>>;
}

/**
 * Turns what an `Authorization` header holds into an Authentication: verifies the token, and loads its user. Nothing
 * in the header makes it throw.
 */
export async function authenticate<User>(
  bearer: Bearer,
  { tokens, now, loaders }: { tokens: Tokens; now: Date; loaders: Loaders<User> },
): Promise<Authentication<User>> {
  if (bearer === 'absent') return anonymous;
  if (bearer === 'malformed') return rejected('TOKEN_INVALID');
  if (isApiToken(bearer.token)) return await authenticateProgram(bearer.token, loaders);
  const verified = tokens.verify(bearer.token, now);
  const problem = tokenProblem(verified, 'access');
  if (problem || verified?.kind !== 'access') return rejected(problem ?? 'TOKEN_INVALID');
  const { claims } = verified;
  const loaded = await loaders.loadUser(claims);
  if ('reason' in loaded) return rejected(loaded.reason);
  const passwordAgeSeconds = claims.fresh ? toSeconds(now) - claims.auth_time : null;
  return { status: 'authenticated', ...loaded, passwordAgeSeconds, claims };
}

async function authenticateProgram<User>(
  token: string,
  { loadUserOfApiToken }: Loaders<User>,
): Promise<Authentication<User>> {
  const hash = hashApiToken(token);
  const loaded = hash && (await loadUserOfApiToken?.(hash));
  if (!loaded || 'reason' in loaded) return rejected(loaded?.reason ?? 'TOKEN_INVALID');
  return { status: 'authenticated', ...loaded, passwordAgeSeconds: null, claims: null };
}

function rejected(reason: AuthErrorReason): Rejected {
  return { status: 'rejected', error: new AuthError(reason) };
}

/** What the `Authorization` headers of a request hold. */
export type Bearer = 'absent' | 'malformed' | { readonly token: string };

// Spaces and tabs around a value do not count (RFC 9110, section 5.5); `trim` would take off no-break spaces too.
const blank = /^[ \t]*$/;
const bearerCredentials = /^[ \t]*bearer +([A-Za-z0-9._~+/-]+=*)[ \t]*$/i;
const otherScheme = /^[ \t]*[\w!#$%&'*+.^`|~-]+ +[^ \t]/;
const bearerAnywhere = /(?:^|[\s,])bearer(?:[\s,]|$)/i;

/**
 * Reads the bearer token (RFC 6750, section 2.1). The scheme may be in any letter case. No header, an empty one
 * (which clients send when they have no token) and other schemes count as absent; everything else that is not
 * exactly one bearer token is malformed, so that a slip is never taken for anonymous.
 */
export function readBearer(headers: readonly string[]): Bearer {
  const present = headers.filter((header) => !blank.test(header));
  const [header] = present;
  if (header === undefined) return 'absent';
  if (present.length > 1) return 'malformed';
  const token = bearerCredentials.exec(header)?.[1];
  if (token !== undefined) return { token };
  return otherScheme.test(header) && !bearerAnywhere.test(header) ? 'absent' : 'malformed';
}
