import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { AuthErrorReason } from './errors.ts';
import type { Key, KeyRing, TokenKind } from './keys.ts';

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
}

export type Verified =
  | { readonly kind: 'access'; readonly claims: AccessClaims; readonly expired: boolean }
  | { readonly kind: 'refresh'; readonly claims: RefreshClaims; readonly expired: boolean };

export interface TokenSettings {
  readonly keys: KeyRing;
  readonly issuer: string;
  readonly audience: string;
  readonly lifeSeconds: Readonly<Record<TokenKind, number>>;
  /** How far two clocks may be apart, in seconds. */
  readonly leewaySeconds: number;
}

export interface Tokens {
  signAccess(claims: Omit<AccessClaims, 'jti'>): string;
  signRefresh(claims: RefreshClaims): string;
  /**
   * Checks form, header, signature and claims, and tells which kind of token it is. Null means TOKEN_INVALID,
   * whatever is wrong. An expired token that is otherwise good comes back with `expired`.
   */
  verify(token: string, now: Date): Verified | null;
}

const headerType = { access: 'at+jwt', refresh: 'rt+jwt' } as const satisfies Record<
  TokenKind,
  string
>;
const maximumTokenBytes = 8192;

/** Signs and verifies the tokens of one server, as RFC 9068 and RFC 8725 have it. */
export function createTokens(settings: TokenSettings): Tokens {
  const { keys, issuer, audience } = settings;

  function sign(kind: TokenKind, claims: object): string {
    const { kid, algorithm, signingKey } = keys.signing[kind];
    if (!signingKey) throw new TypeError(`The ${kind} key of this ring cannot sign.`);
    return jwt.sign({ iss: issuer, aud: audience, ...claims }, signingKey, {
      algorithm,
      header: { alg: algorithm, typ: headerType[kind], kid },
    });
  }

  return {
    signAccess: (claims) => sign('access', { ...claims, jti: randomUUID() }),
    signRefresh: (claims) => sign('refresh', claims),
    verify(token, now) {
      const key = keyOf(token, keys);
      const payload = key && signedPayload(token, key, settings, now);
      return payload ? readClaims(payload, key.kind, settings, now) : null;
    },
  };
}

/** Why a token that was verified cannot be used where `wanted` is needed; null when it can. */
export function tokenProblem(verified: Verified | null, wanted: TokenKind): AuthErrorReason | null {
  if (!verified) return 'TOKEN_INVALID';
  if (verified.expired) return 'TOKEN_EXPIRED';
  return verified.kind === wanted ? null : 'TOKEN_WRONG_TYPE';
}

// The header decides nothing: it must name a key of the ring, and then be exactly what that key's tokens have.
function keyOf(token: string, keys: KeyRing): Key | null {
  if (token.length > maximumTokenBytes) return null;
  const segments = token.split('.');
  if (segments.length !== 3 || !segments.every(isCanonicalBase64Url)) return null;
  const header = parseObject(segments[0] as string);
  if (!header || typeof header['kid'] !== 'string') return null;
  const key = keys.verifying.get(header['kid']);
  if (!key || header['alg'] !== key.algorithm || header['typ'] !== headerType[key.kind])
    return null;
  return Object.keys(header).length === 3 ? key : null;
}

// Decoders skip what does not belong, so several spellings would pass for one token (RFC 4648, section 3.5).
function isCanonicalBase64Url(segment: string): boolean {
  return segment !== '' && Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

function parseObject(segment: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString());
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function signedPayload(
  token: string,
  key: Key,
  { leewaySeconds }: TokenSettings,
  now: Date,
): Record<string, unknown> | null {
  try {
    const payload: unknown = jwt.verify(token, key.verifyingKey, {
      algorithms: [key.algorithm],
      // Expiry is judged last, so that "expired" is said only of tokens that are right in all else.
      ignoreExpiration: true,
      clockTimestamp: toSeconds(now),
      clockTolerance: leewaySeconds,
    });
    return isObject(payload) ? payload : null;
  } catch {
    // Not only JsonWebTokenError: a payload that is not JSON throws SyntaxError.
    return null;
  }
}

function readClaims(
  payload: Record<string, unknown>,
  kind: TokenKind,
  { issuer, audience, lifeSeconds, leewaySeconds }: TokenSettings,
  now: Date,
): Verified | null {
  const { iss, aud, sub, sid, gen, jti, iat, exp, auth_time, fresh } = payload;
  if (iss !== issuer || aud !== audience) return null;
  if (!isText(sub) || !isText(sid) || !isText(jti)) return null;
  if (!isCount(gen) || !isCount(iat) || !isCount(exp)) return null;
  const seconds = toSeconds(now);
  if (iat > seconds + leewaySeconds || exp - iat > lifeSeconds[kind]) return null;
  const expired = seconds >= exp + leewaySeconds;
  const claims = { sub, sid, gen, jti, iat, exp };
  if (kind === 'refresh') return { kind, claims, expired };
  if (!isCount(auth_time) || typeof fresh !== 'boolean') return null;
  return { kind, claims: { ...claims, auth_time, fresh }, expired };
}

/** Whole seconds since 1970, the unit of every time in a token. */
export function toSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
