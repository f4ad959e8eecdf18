import { createHash, randomBytes } from 'node:crypto';

const prefix = 'sp_';
const secretBytes = 32;
const checksumBytes = 4;

/**
 * Makes an opaque token for a program. Keep the hash only: the token cannot be computed from it.
 *
 * @example
 * const { token, hash } = createApiToken();
 * console.log(isApiToken(token), hash.length); // true 32
 */
export function createApiToken(): { token: string; hash: Buffer } {
  const secret = randomBytes(secretBytes);
  const token = prefix + Buffer.concat([secret, checksumOf(secret)]).toString('base64url');
  return { token, hash: hashOf(token) };
}

/**
 * Whether a bearer token is meant as an API token.
 *
 * @example
 * console.log(isApiToken('eyJhbGciOiJIUzI1NiJ9.e30.x')); // false
 */
export function isApiToken(token: string): boolean {
  return token.startsWith(prefix);
}

/**
 * The hash under which an API token is kept; null for what never was one, which its checksum tells.
 *
 * @example
 * const { token, hash } = createApiToken();
 * console.log(hashApiToken(token)?.equals(hash)); // true
 * console.log(hashApiToken('sallyport-is-no-token')); // null
 */
export function hashApiToken(token: string): Buffer | null {
  const body = token.slice(prefix.length);
  const bytes = Buffer.from(body, 'base64url');
  if (!isApiToken(token) || bytes.toString('base64url') !== body) return null;
  if (bytes.length !== secretBytes + checksumBytes) return null;
  const isTyped = checksumOf(bytes.subarray(0, secretBytes)).equals(bytes.subarray(secretBytes));
  return isTyped ? hashOf(token) : null;
}

// Tells typing errors and other services' tokens from ours without a query. It protects nothing.
function checksumOf(secret: Buffer): Buffer {
  return createHash('sha256')
    .update('sallyport')
    .update(secret)
    .digest()
    .subarray(0, checksumBytes);
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
