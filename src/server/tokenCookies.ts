import { randomUUID, timingSafeEqual } from 'node:crypto';
import { parse, type SerializeOptions, serialize } from 'cookie';
import type { FastifyRequest } from 'fastify';
import type { CookieKind, CookieSettings } from '../config/cookieSettings.ts';
import { type PageOrigin, pageOrigin } from './pageOrigin.ts';

/** The one path to which browsers send the refresh cookie: the API under a second name. */
export const refreshPath = '/graphql/refresh';

/** What a cookie of ours holds; `malformed` where there are several, of which none can be told to be ours. */
export type CookieValue = 'absent' | 'malformed' | { readonly token: string };

/** A pair that may go into cookies. Times are in seconds. */
interface CarriedPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
  readonly refreshExpiresIn: number;
}

/** The tokens of one request that came in cookies, and those that its answer sets. */
export interface TokenCookies {
  /** Which kind of page sent them. */
  readonly page: PageOrigin;
  /** The refresh cookie, at the one path that it is for. */
  readonly refresh: CookieValue;
  /** The access cookie, where the server gives any. */
  readonly access: CookieValue;
  /** Whether what the access cookie authorizes beyond queries needs the CSRF token. */
  readonly csrfProtect: boolean;
  /** The CSRF token for the next access token; null where that goes into no cookie. */
  newCsrfToken(): string | null;
  /** Whether the CSRF header is what the access token says, compared in constant time. */
  matchesCsrf(claim: string | undefined): boolean;
  /** Puts the next pair into cookies too, because the token of this request came in one. */
  goOn(): void;
  /** Puts a pair into cookies, if the client wants that, and returns whether it did. */
  carry(pair: CarriedPair, csrfToken: string | null): boolean;
  /** Empties the cookies: all at the end of a session, the others when an access token will never be good again. */
  clear(which?: 'all' | 'access'): void;
  /** The values of `Set-Cookie`. */
  readonly lines: () => string[];
}

// A browser leaves out a longer one, and says nothing (RFC 6265bis, section 5.6).
const maximumCookieBytes = 4096;
const csrfHeader = 'x-csrf-token';
const locationHeader = 'x-token-location';

/** Whether a client asks for its tokens in cookies: with `X-Token-Location: cookies`. */
export function wantsCookies({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers[locationHeader] === 'cookies';
}

/** Reads the cookies of a request, and collects those of its answer (RFC 6265). */
export function createTokenCookies(
  request: FastifyRequest,
  settings: CookieSettings,
  { production, corsOrigins }: { production: boolean; corsOrigins: readonly string[] },
): TokenCookies {
  const { headers } = request;
  const secure = production || !isLocal(request.hostname);
  const lines = new Map<CookieKind, string>();
  let isWanted = wantsCookies(request);

  const nameOf = (kind: CookieKind) => {
    // `__Host-` promises that there is no Domain, and that the path is / (RFC 6265bis, section 4.1.3).
    const prefix = kind === 'refresh' || settings.domain !== null ? '__Secure-' : '__Host-';
    return (secure ? prefix : '') + settings.names[kind];
  };

  function read(kind: CookieKind): CookieValue {
    const values = valuesOf(headers.cookie ?? '', nameOf(kind));
    if (values.length > 1) return 'malformed';
    return values[0] ? { token: values[0] } : 'absent';
  }

  function set(kind: CookieKind, value: string, maxAgeSeconds: number): void {
    const options: SerializeOptions = {
      path: kind === 'refresh' ? refreshPath : '/',
      httpOnly: kind !== 'csrf',
      sameSite: settings.sameSite,
      secure,
      ...(settings.domain !== null && { domain: settings.domain }),
      ...((!settings.endWithBrowser || value === '') && { maxAge: maxAgeSeconds }),
    };
    lines.set(kind, serialize(nameOf(kind), value, options));
  }

  return {
    page: pageOrigin(request, corsOrigins),
    refresh: request.routeOptions.url === refreshPath ? read('refresh') : 'absent',
    access: settings.accessCookie ? read('access') : 'absent',
    csrfProtect: settings.csrfProtect,
    newCsrfToken: () => (isWanted && settings.accessCookie ? randomUUID() : null),
    matchesCsrf(claim) {
      const sent = headers[csrfHeader];
      return typeof sent === 'string' && claim !== undefined && isEqual(sent, claim);
    },
    goOn() {
      isWanted = true;
    },
    carry({ accessToken, refreshToken, expiresIn, refreshExpiresIn }, csrfToken) {
      if (!isWanted) return false;
      if (csrfToken !== null && nameOf('access').length + accessToken.length > maximumCookieBytes) {
        throw new TypeError('With its additional claims, the token is too long for a cookie.');
      }
      set('refresh', refreshToken, refreshExpiresIn);
      if (csrfToken !== null) {
        set('access', accessToken, expiresIn);
        set('csrf', csrfToken, expiresIn);
      }
      return true;
    },
    clear(which = 'all') {
      // A client that uses headers may end another session than the one in the browser's cookies.
      if (headers[locationHeader] === 'headers') return;
      if (which === 'all') set('refresh', '', 0);
      if (!settings.accessCookie) return;
      set('access', '', 0);
      set('csrf', '', 0);
    },
    lines: () => [...lines.values()],
  };
}

// One by one, for `parse` keeps only the first of several that have one name.
function valuesOf(header: string, name: string): string[] {
  if (!header.includes(name)) return [];
  return header.split(';').flatMap((pair) => parse(pair)[name] ?? []);
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

// Not all browsers keep Secure cookies of http://localhost (RFC 6761, section 6.3, says which names are local).
function isLocal(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/i.test(hostname);
}
