import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authErrors } from '@sallyport/guards';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { environment } from '../../src/config/environment.ts';
import { root } from '../support/checkout.ts';

const page = readFileSync(join(root, 'docs/coming-from-flask-jwt-extended.md'), 'utf8');

// As release 4.7.1 of Flask-JWT-Extended has them.
const names = {
  Options:
    `ACCESS_TOKEN_EXPIRES REFRESH_TOKEN_EXPIRES ALGORITHM DECODE_ALGORITHMS SECRET_KEY PRIVATE_KEY PUBLIC_KEY
    DECODE_AUDIENCE ENCODE_AUDIENCE DECODE_ISSUER ENCODE_ISSUER DECODE_LEEWAY ENCODE_NBF VERIFY_SUB IDENTITY_CLAIM
    ERROR_MESSAGE_KEY TOKEN_LOCATION HEADER_NAME HEADER_TYPE QUERY_STRING_NAME QUERY_STRING_VALUE_PREFIX JSON_KEY
    REFRESH_JSON_KEY ACCESS_COOKIE_NAME ACCESS_COOKIE_PATH REFRESH_COOKIE_NAME REFRESH_COOKIE_PATH COOKIE_SECURE
    COOKIE_DOMAIN COOKIE_SAMESITE SESSION_COOKIE COOKIE_CSRF_PROTECT CSRF_METHODS CSRF_IN_COOKIES CSRF_CHECK_FORM
    ACCESS_CSRF_COOKIE_NAME ACCESS_CSRF_COOKIE_PATH ACCESS_CSRF_FIELD_NAME ACCESS_CSRF_HEADER_NAME
    REFRESH_CSRF_COOKIE_NAME REFRESH_CSRF_COOKIE_PATH REFRESH_CSRF_FIELD_NAME REFRESH_CSRF_HEADER_NAME`
      .split(/\s+/)
      .map((name) => `JWT_${name}`),
  'Parameters of `jwt_required` and `verify_jwt_in_request`':
    'optional fresh refresh locations verify_type skip_revocation_check'.split(' '),
  Loaders:
    `additional_claims additional_headers user_identity user_lookup user_lookup_error token_in_blocklist
    revoked_token expired_token invalid_token unauthorized needs_fresh_token token_verification
    token_verification_failed encode_key decode_key`
      .split(/\s+/)
      .map((name) => `${name}_loader`),
  Functions:
    `JWTManager jwt_required verify_jwt_in_request create_access_token create_refresh_token decode_token
    get_jti get_unverified_jwt_headers get_csrf_token get_jwt get_jwt_header get_jwt_identity get_current_user
    current_user get_jwt_request_location set_access_cookies set_refresh_cookies unset_jwt_cookies
    unset_access_cookies unset_refresh_cookies`.split(/\s+/),
};

/** The rows of a section's table, without its head: what it is there, here, and why. */
function rowsOf(title: string): string[][] {
  const section = page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1));
}

/** What stands in backticks. */
const codeIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

const here = [...Object.keys(names), 'Recipes']
  .flatMap(rowsOf)
  .flatMap(([, ...cells]) => cells.flatMap(codeIn));

describe('the page for those who come from Flask-JWT-Extended', () => {
  test.each(Object.entries(names))('has a row for each of the %s, and no other', (title, all) => {
    const rows = rowsOf(title);
    const said = rows.map(([there = '']) => codeIn(there)[0]?.split('=')[0]);
    expect(said).toEqual(all);
    expect(rows.filter(([, what]) => !what)).toEqual([]);
  });

  test('knows 43 options, 15 loaders and 20 functions', () => {
    const { Options, Loaders, Functions } = names;
    expect([Options.length, Loaders.length, Functions.length]).toEqual([43, 15, 20]);
  });

  test('names only existing settings and reasons', () => {
    const known = [...Object.keys(environment.shape), ...Object.keys(authErrors), 'JWT_'];
    const named = here.filter((code) => /^[A-Z]+_[A-Z_]*$/.test(code));
    expect(named).toEqual(expect.arrayContaining(['JWT_LEEWAY', 'TOKEN_REUSED']));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('names only directives and fields of the schema', () => {
    const files = readdirSync(join(root, 'schema')).filter((name) => name.endsWith('.graphql'));
    const texts = files.map((name) => readFileSync(join(root, 'schema', name), 'utf8'));
    const schema = buildSchema(texts.join('\n'));
    const directives = schema.getDirectives().map(({ name }) => name);
    const named = here.flatMap((code) => /^@(\w+)(\(|$)/.exec(code)?.[1] ?? []);
    expect(named).toEqual(expect.arrayContaining(['auth', 'fresh', 'admin', 'optionalAuth']));
    expect(named.filter((name) => !directives.includes(name))).toEqual([]);
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}),
    );
    const credentials = 'login register refresh freshLogin logout sessions endSession me'.split(
      ' ',
    );
    expect(fields).toEqual(expect.arrayContaining(credentials));
    expect(here).toEqual(expect.arrayContaining(credentials));
  });

  test('has no line of prose beyond 120 columns', () => {
    const lines = page.split('\n').filter((line) => line.length > 120 && !line.startsWith('|'));
    expect(lines).toEqual([]);
  });
});
