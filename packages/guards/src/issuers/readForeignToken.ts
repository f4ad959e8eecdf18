import type { JWTPayload } from 'jose';
import type { ForeignToken } from '../foreignTokens.ts';
import { isScope } from '../scopes.ts';
import { toSeconds } from '../tokens.ts';

// Clocks differ, as for tokens of one's own.
const toleratedFutureSeconds = 60;

/**
 * Whether the type in a header says that its token is an access token, or that it is none. Null where it says neither:
 * many providers say `JWT`, or nothing.
 */
export function isAccessTokenType(typ: unknown): boolean | null {
  if (typ === undefined) return null;
  const name = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
  return name === 'at+jwt' || (name === 'jwt' ? null : false);
}

// What ID tokens have (OpenID Connect Core 1.0, sections 2 and 3.3.2.11), and what events have, logout tokens among
// them (RFC 8417, section 2.2).
const claimsOfOtherTokens = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'] as const;

/**
 * Whether a payload is that of another kind of token. Where the type does not say what it is, its claims have to
 * (RFC 8725, section 3.12): `typ` is how Keycloak says it, and `token_use` how Cognito does.
 */
export function isOfAnotherKind(payload: JWTPayload): boolean {
  const { typ = 'Bearer', token_use: use = 'access' } = payload;
  return (
    typ !== 'Bearer' || use !== 'access' || claimsOfOtherTokens.some((name) => name in payload)
  );
}

/** What a payload says whose signature, issuer, audience and times were verified; null when it cannot be used. */
export function readForeignToken(payload: JWTPayload, now: Date): ForeignToken | null {
  const { iss, sub, iat, exp, auth_time: authTime } = payload;
  if (iss === undefined || !isSubject(sub) || !isTime(exp) || !isTime(iat)) return null;
  const latest = toSeconds(now) + toleratedFutureSeconds;
  if (iat > latest) return null;
  // It is bound to a key (RFC 7800), and whoever sends it as a bearer token has not proven to have that: RFC 9449,
  // section 7.2.
  if ('cnf' in payload) return null;
  return {
    issuer: iss,
    subject: sub,
    scopes: scopesIn(payload),
    authenticatedAt: isTime(authTime) && authTime <= latest ? Math.floor(authTime) : null,
    expiresAt: exp,
    claims: payload,
  };
}

// At most 255 characters of ASCII (OpenID Connect Core 1.0, section 2), none of which a database refuses.
function isSubject(subject: unknown): subject is string {
  return typeof subject === 'string' && /^[ -~]{1,255}$/.test(subject);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function scopesIn({ scope, scp }: JWTPayload): string[] {
  const said = scope ?? scp;
  const words: unknown[] = typeof said === 'string' ? said.split(' ') : [said].flat();
  return [...new Set(words.filter(isScope))];
}
