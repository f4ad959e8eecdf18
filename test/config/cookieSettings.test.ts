import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/config.ts';

const on = { JWT_TOKEN_LOCATION: 'headers,cookies' };
const production = {
  NODE_ENV: 'production',
  JWT_SECRET_KEY: 'L1mFhzq7Q0xG3sV9cT8bN5kR2wY6pJ4dU+eAoXiZtBs=',
};

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test('tokens travel in headers alone, unless cookies are switched on', () => {
  expect(loadConfig({}).jwt.cookies).toBeNull();
  expect(loadConfig(on).jwt.cookies).toEqual({
    accessCookie: false,
    sameSite: 'strict',
    domain: null,
    endWithBrowser: false,
    csrfProtect: true,
    names: { refresh: 'sallyport_refresh', access: 'sallyport_access', csrf: 'sallyport_csrf' },
  });
});

describe('the start refuses', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'cookies alone',
      { JWT_TOKEN_LOCATION: 'cookies' },
      'JWT_TOKEN_LOCATION must be headers or headers,cookies.',
    ],
    [
      'every origin with cookies',
      { ...on, CORS_ORIGINS: '*' },
      'CORS_ORIGINS cannot be * with JWT_TOKEN_LOCATION=headers,cookies: name the origins.',
    ],
    [
      'SameSite=None without Secure',
      { ...on, JWT_COOKIE_SAMESITE: 'None' },
      'JWT_COOKIE_SAMESITE cannot be None outside production, where cookies of localhost have no Secure.',
    ],
    [
      'names that are the same',
      { ...on, JWT_ACCESS_COOKIE_NAME: 'a', JWT_REFRESH_COOKIE_NAME: 'a' },
      'JWT_ACCESS_COOKIE_NAME and the other names must differ.',
    ],
    [
      'the default name of another cookie',
      { ...on, JWT_ACCESS_COOKIE_NAME: 'sallyport_refresh' },
      'JWT_ACCESS_COOKIE_NAME and the other names must differ.',
    ],
    [
      'another SameSite',
      { ...on, JWT_COOKIE_SAMESITE: 'none' },
      'JWT_COOKIE_SAMESITE must be Strict, Lax or None.',
    ],
    ...['JWT_ACCESS_COOKIE', 'JWT_COOKIE_SESSION', 'JWT_COOKIE_CSRF_PROTECT'].map(
      (name): [string, Record<string, string>, string] => [
        `${name}=yes`,
        { ...on, [name]: 'yes' },
        `${name} must be true or false.`,
      ],
    ),
  ])('%s', (_what, environment, problem) => {
    expect(problemsOf(environment)).toEqual([problem]);
  });

  test.each([
    'com',
    'co.uk',
    'github.io',
    'localhost',
    '127.0.0.1',
    '[::1]',
    '.shop.example',
    'shop.example/',
    'shop.example.',
    'shop..example',
    'Shop.example',
    ' shop.example',
    'https://shop.example',
    '*.shop.example',
    'shop.example:443',
    'shop.example; Path=/',
    '',
  ])('the cookie domain "%s"', (domain) => {
    expect(problemsOf({ ...on, JWT_COOKIE_DOMAIN: domain })).toEqual([
      'JWT_COOKIE_DOMAIN must be a domain such as example.com, and none under which others have theirs.',
    ]);
  });

  test.each(['', 'a b', 'a;b', 'a=b', '__Host-a', '__Secure-a', 'ä', 'a'.repeat(65)])(
    'the cookie name "%s"',
    (name) => {
      expect(problemsOf({ ...on, JWT_REFRESH_COOKIE_NAME: name })).toEqual([
        expect.stringMatching(/^JWT_REFRESH_COOKIE_NAME must have/),
      ]);
    },
  );
});

test.each(['example.com', 'shop.example.co.uk', 'me.github.io', 'shop.internal'])(
  'the cookie domain %s is taken',
  (domain) => {
    expect(loadConfig({ ...on, JWT_COOKIE_DOMAIN: domain }).jwt.cookies?.domain).toBe(domain);
  },
);

test('SameSite=None is taken in production, where cookies are Secure', () => {
  const environment = { ...production, ...on, JWT_COOKIE_SAMESITE: 'None' };
  expect(loadConfig(environment).jwt.cookies?.sameSite).toBe('none');
});
