import type { FastifyRequest } from 'fastify';

/**
 * What a browser says of the page that makes a request. `own`: it is of this server's origin, or of one that
 * CORS_ORIGINS names. `foreign`: of another. `unsaid`: it is no page, but a program, say, or an address that a person
 * typed.
 */
export type PageOrigin = 'own' | 'foreign' | 'unsaid';

/**
 * Reads that from `Sec-Fetch-Site` (W3C, Fetch Metadata Request Headers), or where a browser does not send it from
 * `Origin` (RFC 6454, section 7). No page can write either of them.
 *
 * @example
 * pageOrigin(request, ['https://shop.example']); // foreign, for a page of https://evil.example
 */
export function pageOrigin(
  { headers, protocol, host }: Pick<FastifyRequest, 'headers' | 'protocol' | 'host'>,
  corsOrigins: readonly string[],
): PageOrigin {
  const { origin, 'sec-fetch-site': site } = headers;
  if (site === 'same-origin') return 'own';
  if (origin !== undefined && (corsOrigins.includes(origin) || corsOrigins.includes('*'))) {
    return 'own';
  }
  if (site === 'none') return 'unsaid';
  if (site !== undefined) return 'foreign';
  if (origin === undefined) return 'unsaid';
  return origin === `${protocol}://${host}` ? 'own' : 'foreign';
}
