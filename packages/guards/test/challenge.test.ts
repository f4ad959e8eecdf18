import { AuthError, toChallenge } from '@sallyport/guards';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';

const missing = new AuthError('TOKEN_MISSING');
const admin = new AuthError('ADMIN_REQUIRED');
const fresh = (maxAge: number) => new AuthError('FRESH_TOKEN_REQUIRED', { maxAge });
const description = 'error_description="Enter your password again: a fresh token is needed."';

test.each([
  ['no token', [missing], 401, 'Bearer realm="shop"'],
  [
    'no rights',
    [admin],
    403,
    'Bearer realm="shop", error="insufficient_scope", error_description="Administrators only."',
  ],
  ['no rights, and then no token', [admin, missing], 401, 'Bearer realm="shop"'],
  [
    'a password check that is too old, with its limit',
    [fresh(60)],
    401,
    `Bearer realm="shop", error="insufficient_user_authentication", max_age="60", ${description}`,
  ],
  [
    'a limit of zero seconds',
    [fresh(0)],
    401,
    `Bearer realm="shop", error="insufficient_user_authentication", max_age="0", ${description}`,
  ],
  [
    'a message with quotes and line breaks',
    [new GraphQLError('a", b="\\c"\r\nSet-Cookie: d\u00e9')],
    403,
    'Bearer realm="shop", error="insufficient_scope", error_description="a, b=cSet-Cookie: d"',
  ],
] as const)('%s', (_what, errors, status, authenticate) => {
  expect(toChallenge(errors, 'shop')).toEqual({ status, authenticate });
});

test('quotes in a realm are escaped', () => {
  expect(toChallenge([missing], 'shop", error="none').authenticate).toBe(
    'Bearer realm="shop, error=none"',
  );
});
