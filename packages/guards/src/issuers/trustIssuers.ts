import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { type Issuers, IssuerUnreachable, type VerifiedForeign } from '../foreignTokens.ts';
import { findIssuerProblem, findUrlProblem } from '../issuerUrl.ts';
import { issuerKeys } from './issuerKeys.ts';
import { isAccessTokenType, isOfAnotherKind, readForeignToken } from './readForeignToken.ts';

/** The algorithms that a token of another issuer can have: those whose keys may be public. */
export const foreignAlgorithms = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
] as const;

export type ForeignAlgorithm = (typeof foreignAlgorithms)[number];

/** An OpenID Connect provider, or another issuer of access tokens that are JWTs, and which tokens of it are taken. */
export interface TrustedIssuer {
  /** Exactly as its tokens have it in `iss`; whether there is a slash at the end counts. */
  readonly issuer: string;
  /** How its tokens name this API in `aud`; with several, one of them is enough. Never the id of a client. */
  readonly audience: string | readonly string[];
  /** The URL of its JWK Set; without it, `/.well-known/openid-configuration` names that. */
  readonly jwksUrl?: string | null;
  /** All of `foreignAlgorithms`, unless it is given. */
  readonly algorithms?: readonly ForeignAlgorithm[];
  /** Whether it types its access tokens `at+jwt` (RFC 9068, section 2.1): nothing else is taken of it then. */
  readonly isTyped?: boolean;
}

type Verify = (token: string, now: Date) => Promise<VerifiedForeign>;

const maximumTokenBytes = 8192;
const invalid: VerifiedForeign = { reason: 'TOKEN_INVALID' };

/**
 * Trusts the access tokens of other issuers. Each has a verifier of its own, and the `iss` of a token chooses it. Keys
 * are loaded when the first token needs them, and again when a token names one that is not known, at most once in 30
 * seconds, or when they are ten minutes old. While an issuer cannot be reached, those that are known go on for a day.
 *
 * @throws TypeError when an issuer does not fit
 *
 * @example
 * const issuers = trustIssuers([{ issuer: 'https://login.example.com', audience: 'https://api.example.com' }]);
 * console.log(issuers.issuerOf('not.a.token')); // null
 */
export function trustIssuers(
  trusted: readonly TrustedIssuer[],
  { leewaySeconds = 10 }: { readonly leewaySeconds?: number } = {},
): Issuers {
  const verifiers = new Map<string, { verify: Verify; load: () => Promise<void> }>();
  for (const each of trusted) {
    const problem = findProblem(each);
    if (problem !== null) throw new TypeError(`trustIssuers: ${problem}.`);
    if (verifiers.has(each.issuer)) {
      throw new TypeError(`trustIssuers: ${each.issuer} is there twice.`);
    }
    const keys = issuerKeys(each);
    verifiers.set(each.issuer, {
      verify: (token, now) => verify(token, { ...each, find: keys.find, leewaySeconds, now }),
      load: keys.load,
    });
  }

  function issuerOf(token: string): string | null {
    if (token.length > maximumTokenBytes) return null;
    try {
      const { iss } = decodeJwt(token);
      return iss !== undefined && verifiers.has(iss) ? iss : null;
    } catch {
      return null;
    }
  }

  return {
    leewaySeconds,
    issuerOf,
    async verify(token, now) {
      const named = issuerOf(token);
      return (await (named === null ? null : verifiers.get(named)?.verify(token, now))) ?? invalid;
    },
    async loadKeys() {
      const loads = await Promise.allSettled([...verifiers.values()].map(({ load }) => load()));
      return loads.flatMap((load) => (load.status === 'rejected' ? [load.reason] : []));
    },
  };
}

function findProblem(trusted: TrustedIssuer): string | null {
  const { issuer, audience, jwksUrl, algorithms } = trusted;
  const problem = findIssuerProblem(issuer);
  if (problem !== null) return `the issuer ${problem}`;
  const audiences = [audience].flat();
  // Without one, each token of the issuer would be good, whomever it is meant for (RFC 8725, section 3.9).
  if (audiences.length === 0 || !audiences.every((each) => typeof each === 'string' && each)) {
    return `${issuer} needs an audience`;
  }
  const keyProblem = jwksUrl ? findUrlProblem(jwksUrl) : null;
  if (keyProblem !== null) return `the jwksUrl of ${issuer} ${keyProblem}`;
  const isKnown = (name: string) => foreignAlgorithms.some((known) => known === name);
  return algorithms && !(algorithms.length > 0 && algorithms.every(isKnown))
    ? `the algorithms of ${issuer} must be of ${foreignAlgorithms.join(', ')}`
    : null;
}

type Verification = TrustedIssuer & {
  readonly find: ReturnType<typeof issuerKeys>['find'];
  readonly leewaySeconds: number;
  readonly now: Date;
};

async function verify(token: string, verification: Verification): Promise<VerifiedForeign> {
  const { isTyped = false, now } = verification;
  const type = typeOf(token);
  if (type === false || (isTyped && type === null)) return invalid;
  const signed = await verifySignature(token, verification);
  if (!signed || (type === null && isOfAnotherKind(signed.payload))) return invalid;
  const read = readForeignToken(signed.payload, now);
  // Last, so that "expired" is said only of tokens that are right in all else.
  if (read && signed.expired) return { reason: 'TOKEN_EXPIRED' };
  return read ? { token: read } : invalid;
}

function typeOf(token: string): boolean | null {
  try {
    return isAccessTokenType(decodeProtectedHeader(token).typ);
  } catch {
    return false;
  }
}

async function verifySignature(
  token: string,
  { issuer, audience, algorithms = foreignAlgorithms, find, leewaySeconds, now }: Verification,
): Promise<{ readonly payload: JWTPayload; readonly expired: boolean } | null> {
  try {
    const { payload } = await jwtVerify(token, find, {
      issuer,
      audience: [audience].flat(),
      algorithms: [...algorithms],
      clockTolerance: leewaySeconds,
      currentDate: now,
    });
    return { payload, expired: false };
  } catch (error) {
    if (error instanceof IssuerUnreachable) throw error;
    return error instanceof errors.JWTExpired ? { payload: error.payload, expired: true } : null;
  }
}
