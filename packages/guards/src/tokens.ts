import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { additionalOf, type ClaimsToAdd, findClaimsProblem } from './additionalClaims.ts';
import type { AccessClaims, RefreshClaims } from './claims.ts';
import type { AuthErrorReason } from './errors.ts';
import type { Key, KeyRing, TokenKind } from './keys.ts';

/** What a token says, or why it cannot be used. */
export type Verified<Claims extends RefreshClaims> =
  | { readonly claims: Claims }
  | { readonly reason: AuthErrorReason };

export interface TokenSettings {
  /** A ring, or a function that returns the one of the moment: so keys can change while the server runs. */
  readonly keys: KeyRing | (() => KeyRing);
  readonly issuer: string;
  readonly audience: string;
  readonly lifeSeconds: Readonly<Record<TokenKind, number>>;
  /** For how long a token is good after its end, and before its beginning if that is more than 60: clocks differ. */
  readonly leewaySeconds: number;
  /** Spares a token that comes again the verification of its signature. Without it, each use is verified. */
  readonly memory?: TokenMemory;
}

/**
 * Keeps for tokens, by their whole text, with which key their signature was verified: nothing else, because all else is
 * judged anew on each use. Only good access tokens are set, so that nobody can push them out with rubbish. It should be
 * bounded, as an LRU is.
 */
export interface TokenMemory {
  get(token: string): Key | undefined;
  set(token: string, key: Key): unknown;
}

export interface Tokens {
  /** For how long a token is good after its end. */
  readonly leewaySeconds: number;
  /**
   * Signs an access token. What it says besides stands beside its own claims: readable by everybody who has it.
   *
   * @throws TypeError when an additional claim has a name of `reservedClaims`, is no JSON, or makes the token longer
   * than 4096 bytes
   */
  signAccess(claims: Omit<AccessClaims, 'jti' | 'additional'>, additional?: ClaimsToAdd): string;
  signRefresh(claims: RefreshClaims): string;
  /**
   * Checks form, header, signature and claims of an access token. It is TOKEN_INVALID, whatever is wrong with it. Only
   * one that is right in all else is TOKEN_EXPIRED, and a good refresh token is TOKEN_WRONG_TYPE.
   */
  verifyAccess(token: string, now: Date): Verified<AccessClaims>;
  /** The same for a refresh token. */
  verifyRefresh(token: string, now: Date): Verified<RefreshClaims>;
  /**
   * Checks a token of either kind, which may have expired: it still says which session it is of, to end it or to know
   * its device again. It lets nobody in.
   */
  verifyOrigin(token: string, now: Date): Verified<RefreshClaims>;
}

type Judged =
  | { readonly kind: 'access'; readonly claims: AccessClaims; readonly expired: boolean }
  | { readonly kind: 'refresh'; readonly claims: RefreshClaims; readonly expired: boolean };

const headerType = { access: 'at+jwt', refresh: 'rt+jwt' } as const satisfies Record<
  TokenKind,
  string
>;
const maximumTokenBytes = 8192;
// Far from what proxies take for all headers together, which is 8 KB in many.
const maximumBytesWithClaims = 4096;
// The clock of another node may be ahead. Nobody gains by a token from the future: only who has the key can make one.
const toleratedFutureSeconds = 60;

/**
 * Signs and verifies the tokens of one server, as RFC 9068 and RFC 8725 have it.
 *
 * @example
 * const mine = createTokens({
 *   keys: createKeyRing({ secret: 'at least 32 bytes, from the environment' }),
 *   issuer: 'shop',
 *   audience: 'shop',
 *   lifeSeconds: { access: 900, refresh: 1_209_600 },
 *   leewaySeconds: 10,
 * });
 * console.log(mine.verifyAccess('not.a.token', new Date())); // { reason: 'TOKEN_INVALID' }
 */
export function createTokens(settings: TokenSettings): Tokens {
  const { keys, issuer, audience, memory } = settings;
  const ring = typeof keys === 'function' ? keys : () => keys;

  function sign(kind: TokenKind, claims: object): string {
    const { kid, algorithm, signingKey } = ring().signing[kind];
    if (!signingKey) throw new TypeError(`The ${kind} key of this ring cannot sign.`);
    return jwt.sign({ iss: issuer, aud: audience, ...claims }, signingKey, {
      algorithm,
      header: { alg: algorithm, typ: headerType[kind], kid },
    });
  }

  function judge(token: string, now: Date): Judged | null {
    const remembered = rememberedKey(token, ring(), memory);
    const key = remembered ?? keyOf(token, ring());
    const payload = key && (remembered ? payloadOf(token) : signedPayload(token, key));
    const judged = payload ? readClaims(payload, key.kind, settings, now) : null;
    if (key && !remembered && judged?.kind === 'access' && !judged.expired) {
      memory?.set(token, key);
    }
    return judged;
  }

  return {
    leewaySeconds: settings.leewaySeconds,
    signAccess(claims, additional = {} as ClaimsToAdd) {
      const problem = findClaimsProblem(additional);
      if (problem !== null) throw new TypeError(problem);
      const token = sign('access', { ...additional, ...claims, jti: randomUUID() });
      if (token.length <= maximumBytesWithClaims) return token;
      throw new TypeError('With its additional claims, the token is longer than 4096 bytes.');
    },
    signRefresh: (claims) => sign('refresh', claims),
    verifyAccess(token, now) {
      const judged = judge(token, now);
      return judged?.kind === 'access' && !judged.expired
        ? { claims: judged.claims }
        : { reason: problemOf(judged) };
    },
    verifyRefresh(token, now) {
      const judged = judge(token, now);
      return judged?.kind === 'refresh' && !judged.expired
        ? { claims: judged.claims }
        : { reason: problemOf(judged) };
    },
    verifyOrigin(token, now) {
      const judged = judge(token, now);
      return judged ? { claims: judged.claims } : { reason: 'TOKEN_INVALID' };
    },
  };
}

// Of a token that is not wanted: it is none of this server, or has expired, or is of the other kind.
function problemOf(judged: Judged | null): AuthErrorReason {
  if (!judged) return 'TOKEN_INVALID';
  return judged.expired ? 'TOKEN_EXPIRED' : 'TOKEN_WRONG_TYPE';
}

// The very key, not only its name: of a key that has left the ring, nothing is remembered.
function rememberedKey(token: string, { verifying }: KeyRing, memory?: TokenMemory): Key | null {
  const key = memory?.get(token);
  return key && verifying.get(key.kid) === key ? key : null;
}

function payloadOf(token: string): Record<string, unknown> | null {
  const [, segment = ''] = token.split('.', 2);
  return parseObject(segment);
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

function signedPayload(token: string, key: Key): Record<string, unknown> | null {
  try {
    const payload: unknown = jwt.verify(token, key.verifyingKey, {
      algorithms: [key.algorithm],
      // Expiry is judged last, so that "expired" is said only of tokens that are right in all else.
      ignoreExpiration: true,
      // A signature is verified once, and times are judged on each use.
      ignoreNotBefore: true,
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
): Judged | null {
  const { iss, aud, sub, sid, gen, jti, iat, exp, nbf, auth_time, fresh, csrf } = payload;
  if (iss !== issuer || aud !== audience) return null;
  if (!isText(sub) || !isText(sid) || !isText(jti)) return null;
  if (!isCount(gen) || !isCount(iat) || !isCount(exp)) return null;
  const seconds = toSeconds(now);
  const toleratedFuture = Math.max(leewaySeconds, toleratedFutureSeconds);
  if (iat > seconds + toleratedFuture || exp - iat > lifeSeconds[kind]) return null;
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= seconds + leewaySeconds))
    return null;
  const expired = seconds >= exp + leewaySeconds;
  const claims = { sub, sid, gen, jti, iat, exp };
  if (kind === 'refresh') return { kind, claims, expired };
  if (!isCount(auth_time) || typeof fresh !== 'boolean') return null;
  const additional = additionalOf(payload);
  const readable = { ...claims, auth_time, fresh, ...(isText(csrf) && { csrf }), additional };
  return { kind, claims: readable, expired };
}

/**
 * Whole seconds since 1970, the unit of every time in a token.
 *
 * @example
 * console.log(toSeconds(new Date('2030-01-01T12:00:00.500Z'))); // 1893499200
 */
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
