import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { problemsOf } from './environment.ts';

const login = 'https://login.example.com';
const api = 'https://api.example.com';

test('each trusted issuer has an audience, and may have the URL of its keys', () => {
  const TRUSTED_ISSUERS = ` ${login} ${api},http://127.0.0.1:8080/realms/a/  shop  ${login}/keys?a `;
  expect(loadConfig({ TRUSTED_ISSUERS }).trustedIssuers).toEqual([
    { issuer: login, audience: api, jwksUrl: null },
    {
      issuer: 'http://127.0.0.1:8080/realms/a/',
      audience: 'shop',
      jwksUrl: `${login}/keys?a`,
    },
  ]);
});

test('an issuer with a slash at the end is another issuer', () => {
  const { trustedIssuers } = loadConfig({ TRUSTED_ISSUERS: `${login} a, ${login}/ a` });
  expect(trustedIssuers.map(({ issuer }) => issuer)).toEqual([login, `${login}/`]);
});

describe('the start refuses', () => {
  const insecure = 'must be an https URL; on the loopback, http is enough';
  test.each([
    ['nothing', '', 'is set but empty.'],
    [
      'an issuer without an audience',
      login,
      'is wrong in entry 1: behind the issuer must be the audience of its tokens.',
    ],
    ['a comma too many', `${login} a,`, 'is wrong in entry 2: the issuer must be a URL.'],
    ['http', 'http://login.example.com a', `is wrong in entry 1: the issuer ${insecure}.`],
    [
      'a query',
      `${login}?a a`,
      'is wrong in entry 1: the issuer must have no query and no fragment.',
    ],
    [
      'a password',
      'https://a:secret-value@a.example.com a',
      'is wrong in entry 1: the issuer must have no user and no password.',
    ],
    ['a name', 'login a', 'is wrong in entry 1: the issuer must be a URL.'],
    [
      'an audience as issuer',
      `${login} a, a ${login}`,
      'is wrong in entry 2: the issuer must be a URL.',
    ],
    [
      'keys over http',
      `${login} a http://a.example.com`,
      `is wrong in entry 1: the URL of its keys ${insecure}.`,
    ],
    [
      'a fourth word in an entry',
      `${login} a ${login} a`,
      'is wrong in entry 1: there may be an issuer, an audience and the URL of keys.',
    ],
    ['an issuer twice', `${login} a, ${login} b`, 'has an issuer twice.'],
  ])('%s', (_what, value, problem) => {
    expect(problemsOf({ TRUSTED_ISSUERS: value })).toEqual([`TRUSTED_ISSUERS ${problem}`]);
  });

  test('the issuer of the server itself', () => {
    expect(problemsOf({ TRUSTED_ISSUERS: `${login} a`, JWT_ISSUER: login })).toEqual([
      'TRUSTED_ISSUERS has the issuer of this server itself, JWT_ISSUER.',
    ]);
  });
});
