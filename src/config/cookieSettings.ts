import { parse } from 'tldts';
import { z } from 'zod';

/** How tokens travel in cookies. */
export interface CookieSettings {
  /** Whether the access token is in a cookie too, for pages that a server renders, and downloads. */
  readonly accessCookie: boolean;
  readonly sameSite: 'strict' | 'lax' | 'none';
  /** Null means the host alone that set them, and no subdomain of it. */
  readonly domain: string | null;
  /** Whether they end with the browser. */
  readonly endWithBrowser: boolean;
  /** Whether what the access cookie authorizes beyond queries needs the CSRF token in a header. */
  readonly csrfProtect: boolean;
  /** Without the prefix that goes with Secure. */
  readonly names: Readonly<Record<CookieKind, string>>;
}

export type CookieKind = 'refresh' | 'access' | 'csrf';

const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((value) => value === 'true');

// A name is a token (RFC 6265, section 4.1.1). The prefixes are promises of the server, which it makes by itself.
const cookieName = z
  .string()
  .regex(
    /^(?!__)[\w.-]{1,64}$/,
    'must have 1 to 64 letters, digits, and _ . - and not begin with __',
  );

/** Every variable by itself. */
export const cookieVariables = {
  JWT_TOKEN_LOCATION: z
    .enum(['headers', 'headers,cookies'], 'must be headers or headers,cookies')
    .default('headers'),
  JWT_ACCESS_COOKIE: flag.default(false),
  JWT_COOKIE_SAMESITE: z
    .enum(['Strict', 'Lax', 'None'], 'must be Strict, Lax or None')
    .default('Strict'),
  JWT_COOKIE_DOMAIN: z
    .string()
    .refine(
      isOwnDomain,
      'must be a domain such as example.com, and none under which others have theirs',
    )
    .nullable()
    .default(null),
  JWT_COOKIE_SESSION: flag.default(false),
  JWT_COOKIE_CSRF_PROTECT: flag.default(true),
  JWT_ACCESS_COOKIE_NAME: cookieName.default('sallyport_access'),
  JWT_REFRESH_COOKIE_NAME: cookieName.default('sallyport_refresh'),
  JWT_ACCESS_CSRF_COOKIE_NAME: cookieName.default('sallyport_csrf'),
};

type Variables = z.infer<z.ZodObject<typeof cookieVariables>>;

/** What only several variables together can be wrong about, a sentence each. */
export function cookieProblems(
  env: Variables & { readonly CORS_ORIGINS: readonly string[] },
  { production }: { production: boolean },
): string[] {
  const settings = toCookieSettings(env);
  if (!settings) return [];
  const names = Object.values(settings.names);
  const checks: [boolean, string][] = [
    [
      env.CORS_ORIGINS.includes('*'),
      'CORS_ORIGINS cannot be * with JWT_TOKEN_LOCATION=headers,cookies: name the origins.',
    ],
    [
      settings.sameSite === 'none' && !production,
      'JWT_COOKIE_SAMESITE cannot be None outside production, where cookies of localhost have no Secure.',
    ],
    [new Set(names).size < names.length, 'JWT_ACCESS_COOKIE_NAME and the other names must differ.'],
  ];
  return checks.filter(([wrong]) => wrong).map(([, problem]) => problem);
}

/** Null where tokens travel in headers alone. */
export function toCookieSettings(env: Variables): CookieSettings | null {
  if (env.JWT_TOKEN_LOCATION === 'headers') return null;
  const sameSites = { Strict: 'strict', Lax: 'lax', None: 'none' } as const;
  return {
    accessCookie: env.JWT_ACCESS_COOKIE,
    sameSite: sameSites[env.JWT_COOKIE_SAMESITE],
    domain: env.JWT_COOKIE_DOMAIN,
    endWithBrowser: env.JWT_COOKIE_SESSION,
    csrfProtect: env.JWT_COOKIE_CSRF_PROTECT,
    names: {
      refresh: env.JWT_REFRESH_COOKIE_NAME,
      access: env.JWT_ACCESS_COOKIE_NAME,
      csrf: env.JWT_ACCESS_CSRF_COOKIE_NAME,
    },
  };
}

// Under a public suffix, such as co.uk or github.io, everybody else's pages would get the cookies too.
function isOwnDomain(value: string): boolean {
  const { hostname, domain, isIp } = parse(value, { allowPrivateDomains: true });
  return hostname === value && !value.startsWith('.') && domain !== null && isIp === false;
}
