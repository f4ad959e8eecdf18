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
  readonly claims: AccessClaims;
}

export const anonymous: Anonymous = { status: 'anonymous' };

/** What a loader finds of the user a token names: the user, or why there is none. */
export type LoadedUser<User> =
  | { readonly user: User; readonly isAdmin: boolean }
  | { readonly reason: AuthErrorReason };

/**
 * Turns an `Authorization` header into an Authentication: reads the header, verifies the token, loads its user.
 * Nothing in the header makes it throw; what `load` throws (a database that is down) it lets through.
 */
export async function authenticate<User>({
  bearer,
  tokens,
  now,
  load,
}: {
  bearer: Bearer;
  tokens: Tokens;
  now: Date;
  load: (claims: AccessClaims) => Promise<LoadedUser<User>>;
}): Promise<Authentication<User>> {
  if (bearer === 'absent') return anonymous;
  const verified = bearer === 'malformed' ? null : tokens.verify(bearer.token, now);
  const problem = tokenProblem(verified, 'access');
  if (problem || verified?.kind !== 'access') return rejected(problem ?? 'TOKEN_INVALID');
  const { claims } = verified;
  const loaded = await load(claims);
  if ('reason' in loaded) return rejected(loaded.reason);
  return {
    status: 'authenticated',
    user: loaded.user,
    isAdmin: loaded.isAdmin,
    passwordAgeSeconds: claims.fresh ? toSeconds(now) - claims.auth_time : null,
    claims,
  };
}

function rejected(reason: AuthErrorReason): Rejected {
  return { status: 'rejected', error: new AuthError(reason) };
}

/** What the `Authorization` headers of a request hold. */
export type Bearer = 'absent' | 'malformed' | { readonly token: string };

const bearerCredentials = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const otherScheme = /^[\w!#$%&'*+.^`|~-]+ +[^ ]/;
const bearerAnywhere = /(?:^|[\s,])bearer(?:[\s,]|$)/i;

/**
 * Reads the bearer token (RFC 6750, section 2.1). The scheme may be in any letter case. No header, an empty one
 * (which clients send when they have no token) and other schemes count as absent; everything else that is not
 * exactly one bearer token is malformed, so that a slip is never taken for anonymous.
 */
export function readBearer(headers: readonly string[]): Bearer {
  const present = headers.map((header) => header.trim()).filter((header) => header !== '');
  const [header] = present;
  if (header === undefined) return 'absent';
  if (present.length > 1) return 'malformed';
  const token = bearerCredentials.exec(header)?.[1];
  if (token !== undefined) return { token };
  return otherScheme.test(header) && !bearerAnywhere.test(header) ? 'absent' : 'malformed';
}
