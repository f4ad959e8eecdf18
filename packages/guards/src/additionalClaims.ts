/**
 * What the access tokens of a server say besides what a token needs. Yours are declared once, where they are made:
 *
 *     declare module '@sallyport/guards' {
 *       interface AdditionalClaims {
 *         readonly plan: string;
 *       }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is for others to add to.
export interface AdditionalClaims {}

/**
 * The names that no additional claim can have: those of every token, and those registered with IANA that mean something
 * to whoever verifies one (RFC 7519, section 10.1).
 */
export const reservedClaims = [
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sid', 'gen', 'auth_time', 'fresh', 'csrf'],
  // OpenID Connect Core 1.0.
  ...['azp', 'nonce', 'acr', 'amr', 'at_hash', 'c_hash', 's_hash', 'sub_jwk'],
  ...['_claim_names', '_claim_sources'],
  // RFC 7800, 8417, 8485, 8693, 9068, 9321, 9396, 9493, 9701, and the token status list.
  ...['cnf', 'events', 'toe', 'txn', 'vot', 'vtm', 'act', 'may_act', 'scope', 'client_id'],
  ...['attest', 'authorization_details', 'sub_id', 'token_introspection', 'status'],
] as const;

export type ReservedClaim = (typeof reservedClaims)[number];

/** The same, without the names that they cannot have. */
export type ClaimsToAdd = AdditionalClaims & { readonly [Name in ReservedClaim]?: never };

const reserved: ReadonlySet<string> = new Set(reservedClaims);

/**
 * Finds what is wrong with additional claims, without a word of their values; null when nothing is. The types say the
 * same, but a claim can come from anywhere.
 */
export function findClaimsProblem(claims: unknown): string | null {
  if (!isRecord(claims)) return 'The additional claims are not an object.';
  for (const [name, value] of Object.entries(claims)) {
    if (reserved.has(name)) {
      return `A token has the claim ${name} by itself, or it means something to who verifies it.`;
    }
    if (name === '' || name === '__proto__') return 'An additional claim has no name to have.';
    if (!isJson(value)) return `The additional claim ${name} is no JSON.`;
  }
  return null;
}

/** The additional claims of a payload: what no token has by itself. */
export function additionalOf(
  payload: Readonly<Record<string, unknown>>,
): Partial<Readonly<AdditionalClaims>> {
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !reserved.has(name)));
}

// Deeper than anybody needs; what holds itself has no end.
const maximumDepth = 32;

function isJson(value: unknown, depth = 0): boolean {
  if (depth > maximumDepth) return false;
  if (value === null || typeof value === 'boolean') return true;
  // Half a character is no Unicode, which many readers of JSON refuse (RFC 8259, section 8.2).
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every((each) => isJson(each, depth + 1));
  return (
    isRecord(value) &&
    Object.entries(value).every(([name, each]) => isJson(name) && isJson(each, depth + 1))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
