import { createHmac, type KeyObject } from 'node:crypto';

/** What a token is made of. Text stands for itself; everything else is written as JSON. */
export interface TokenParts {
  readonly header: unknown;
  readonly claims: unknown;
  readonly key: KeyObject | string;
}

/**
 * Makes a token of any parts, right or wrong, signed with HMAC and SHA-256.
 *
 *     mintToken({ header: { alg: 'HS256', typ: 'at+jwt', kid }, claims: { sub: 'nobody' }, key });
 */
export function mintToken({ header, claims, key }: TokenParts): string {
  return sign(`${encode(header)}.${encode(claims)}`, key);
}

/** Appends the signature of the first two segments of a token. */
export function sign(input: string, key: KeyObject | string, hash = 'sha256'): string {
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`;
}

export function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** The header of a token, unverified. */
export function headerOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}
