import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';

export type TokenKind = 'access' | 'refresh';

/** One key with the one algorithm it is used with (RFC 8725, section 3.1). */
export interface Key {
  readonly kid: string;
  readonly kind: TokenKind;
  readonly algorithm: 'HS256' | 'ES256' | 'RS256';
  /** Null when the key only verifies. */
  readonly signingKey: KeyObject | null;
  readonly verifyingKey: KeyObject;
}

/** The keys a server signs with, one per kind of token, and all that it verifies with, by `kid`. */
export interface KeyRing {
  readonly signing: Readonly<Record<TokenKind, Key>>;
  readonly verifying: ReadonlyMap<string, Key>;
}

export interface KeySources {
  /** At least 32 bytes (RFC 7518, section 3.2). Signs refresh tokens, and access tokens if there is no private key. */
  readonly secret: string;
  /** The secret before this one: still verifies, never signs. */
  readonly previousSecret?: string | null;
  /** PEM, EC P-256 or RSA of at least 2048 bits: signs access tokens. */
  readonly privateKey?: string | null;
  /** The private key before this one, or its public half: still verifies, never signs. */
  readonly previousPrivateKey?: string | null;
  /** The secret to come: verifies already, so that it is known everywhere before anybody signs with it. */
  readonly nextSecret?: string | null;
  /** The private key to come, or its public half: verifies already, and is published. */
  readonly nextPrivateKey?: string | null;
}

const minimumSecretBytes = 32;

/**
 * Derives the key of each kind of token from the sources, so that neither kind can ever pass for the other.
 *
 * @throws TypeError when a source is too weak or not a key
 *
 * @example
 * const keys = createKeyRing({ secret: 'at least 32 bytes, from the environment' });
 * console.log(keys.signing.access.algorithm); // HS256
 */
export function createKeyRing(sources: KeySources): KeyRing {
  const { secret, privateKey } = sources;
  const signing = {
    access: privateKey ? asymmetricKey(privateKey) : derivedKey(secret, 'access', true),
    refresh: derivedKey(secret, 'refresh', true),
  };
  if (!signing.access.signingKey) throw new TypeError('A public key cannot sign tokens.');
  const keys: Key[] = [signing.access, signing.refresh];
  // While access tokens move to a private key, those that the secret signed stay good.
  if (privateKey) keys.push(derivedKey(secret, 'access', false));
  for (const pem of [sources.nextPrivateKey, sources.previousPrivateKey]) {
    if (pem) keys.push({ ...asymmetricKey(pem), signingKey: null });
  }
  for (const other of [sources.nextSecret, sources.previousSecret]) {
    if (other) keys.push(derivedKey(other, 'access', false), derivedKey(other, 'refresh', false));
  }
  return { signing, verifying: new Map(keys.map((key) => [key.kid, key])) };
}

/**
 * The public halves of the ring's key pairs, as a JWK Set (RFC 7517, section 5). Secrets are not in it.
 *
 * @example
 * console.log(publicKeySet(createKeyRing({ secret: 'at least 32 bytes, from the environment' }))); // { keys: [] }
 */
export function publicKeySet({ verifying }: KeyRing): { keys: JsonWebKey[] } {
  const pairs = [...verifying.values()].filter(({ algorithm }) => algorithm !== 'HS256');
  return {
    keys: pairs.map(({ kid, algorithm, verifyingKey }) => ({
      ...verifyingKey.export({ format: 'jwk' }),
      kid,
      alg: algorithm,
      use: 'sig',
    })),
  };
}

// HKDF (RFC 5869) under a label of its own for each kind.
function derivedKey(secret: string, kind: TokenKind, signs: boolean): Key {
  if (Buffer.byteLength(secret) < minimumSecretBytes) {
    throw new TypeError(`A secret key must have at least ${minimumSecretBytes} bytes.`);
  }
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', `sallyport ${kind} token`, 32));
  const key = createSecretKey(bytes);
  return {
    kid: fingerprint(bytes),
    kind,
    algorithm: 'HS256',
    signingKey: signs ? key : null,
    verifyingKey: key,
  };
}

function asymmetricKey(pem: string): Key {
  const key = readPem(pem);
  const verifyingKey = key.type === 'private' ? createPublicKey(key) : key;
  return {
    kid: fingerprint(verifyingKey.export({ type: 'spki', format: 'der' })),
    kind: 'access',
    algorithm: algorithmOf(verifyingKey),
    signingKey: key.type === 'private' ? key : null,
    verifyingKey,
  };
}

function readPem(pem: string): KeyObject {
  try {
    return pem.includes('PUBLIC KEY') ? createPublicKey(pem) : createPrivateKey(pem);
  } catch {
    // The parser's own text could repeat parts of the key.
    throw new TypeError('A private key must be an unencrypted PEM.');
  }
}

function algorithmOf(key: KeyObject): 'ES256' | 'RS256' {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  if (key.asymmetricKeyType === 'rsa' && (details?.modulusLength ?? 0) >= 2048) {
    // NIST SP 800-56B, section 6.2: smaller ones have made forgeries of careless implementations possible.
    if ((details?.publicExponent ?? 0n) >= 65_537n) return 'RS256';
    throw new TypeError('An RSA key must have a public exponent of at least 65537.');
  }
  throw new TypeError('A private key must be EC P-256, or RSA with at least 2048 bits.');
}

function fingerprint(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
}
