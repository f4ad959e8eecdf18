import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type Environment,
  ecKey,
  otherSecret,
  pem,
  problemsOf,
  production,
  secret,
} from './environment.ts';

describe('JWT_SECRET_KEY', () => {
  const short = 'must have at least 32 bytes: make one with `openssl rand -base64 48`.';
  const wellKnown = 'is a well-known value: make one with `openssl rand -base64 48`.';

  test('may be missing outside production only', () => {
    expect(problemsOf({ NODE_ENV: 'test' })).toEqual([]);
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
      'JWT_SECRET_KEY must be set in production: make one with `openssl rand -base64 48`.',
    ]);
  });

  test.each([
    ['31 bytes', secret.slice(1), [`JWT_SECRET_KEY ${short}`]],
    ['32 bytes', secret, []],
  ])('of %s', (_size, value, problems) => {
    expect(problemsOf({ JWT_SECRET_KEY: value })).toEqual(problems);
    expect(problemsOf({ ...production, JWT_SECRET_KEY: value })).toEqual(problems);
  });

  test('is measured in bytes', () => {
    expect(problemsOf({ JWT_SECRET_KEY: 'äöüßéèêçñåøæðþõã' })).toEqual([]);
  });

  test.each([
    'your-256-bit-secret-your-256-bit-secret',
    'changemechangemechangemechangeme',
    'super-secret-jwt-token-with-at-least-32-characters-long',
    'a-string-secret-at-least-256-bits-long',
    '0123456789abcdef0123456789abcdef',
  ])('cannot be the well-known "%s" in production', (value) => {
    expect(problemsOf({ ...production, JWT_SECRET_KEY: value })).toEqual([
      `JWT_SECRET_KEY ${wellKnown}`,
    ]);
    expect(problemsOf({ ...production, JWT_SECRET_KEY_PREVIOUS: value })).toEqual([
      `JWT_SECRET_KEY_PREVIOUS ${wellKnown}`,
    ]);
  });
});

describe.each(['JWT_SECRET_KEY_PREVIOUS', 'JWT_SECRET_KEY_NEXT'])('%s', (name) => {
  test('may be another secret', () => {
    expect(problemsOf({ ...production, [name]: otherSecret })).toEqual([]);
  });

  test.each<[string, Environment, string]>([
    ['alone', { [name]: secret }, 'needs JWT_SECRET_KEY.'],
    [
      'the same as the secret',
      { JWT_SECRET_KEY: secret, [name]: secret },
      'is the same as JWT_SECRET_KEY.',
    ],
    [
      'short',
      { JWT_SECRET_KEY: secret, [name]: otherSecret.slice(1) },
      'must have at least 32 bytes: make one with `openssl rand -base64 48`.',
    ],
  ])('cannot be %s', (_what, environment, problem) => {
    expect(problemsOf(environment)).toEqual([`${name} ${problem}`]);
  });
});

describe('JWT_PRIVATE_KEY', () => {
  const weakKey = 'A private key must be EC P-256, or RSA with at least 2048 bits.';
  const rsa = (modulusLength: number, publicExponent = 65_537) =>
    pem(generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey);
  const smallExponent = 'An RSA key must have a public exponent of at least 65537.';

  test('may be EC P-256 or RSA of 2048 bits', () => {
    expect(problemsOf({ JWT_PRIVATE_KEY: ecKey })).toEqual([]);
    expect(problemsOf({ JWT_PRIVATE_KEY: rsa(2048) })).toEqual([]);
  });

  test.each([
    ['RSA of 1024 bits', rsa(1024), weakKey],
    ['RSA with an exponent of 3', rsa(2048, 3), smallExponent],
    ['RSA with an exponent of 17', rsa(2048, 17), smallExponent],
    ['EC P-384', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey), weakKey],
    ['Ed25519', pem(generateKeyPairSync('ed25519').privateKey), weakKey],
    ['garbage', 'hunter2 is not a key', 'A private key must be an unencrypted PEM.'],
    ['cut off', ecKey.slice(0, 80), 'A private key must be an unencrypted PEM.'],
  ])('cannot be %s, and is not repeated in the message', (_what, value, problem) => {
    for (const name of ['JWT_PRIVATE_KEY', 'JWT_PRIVATE_KEY_PREVIOUS', 'JWT_PRIVATE_KEY_NEXT']) {
      expect(problemsOf({ [name]: value })).toEqual([`${name} does not fit. ${problem}`]);
    }
  });
});

describe('the administrator', () => {
  const both = 'ADMIN_USERNAME and ADMIN_PASSWORD must be set together.';
  const long = 'correct horse battery';

  test.each<[string, Environment, string[]]>([
    ['only a name', { ADMIN_USERNAME: 'root' }, [both]],
    ['only a password', { ADMIN_PASSWORD: long }, [both]],
    ['a good pair', { ADMIN_USERNAME: 'Root', ADMIN_PASSWORD: long }, []],
    [
      'a name with a space',
      { ADMIN_USERNAME: 'the root', ADMIN_PASSWORD: long },
      [
        'ADMIN_USERNAME does not fit. A username has 3 to 64 characters, each of them a letter from a to z, a digit, or one of . _ @ + -',
      ],
    ],
    [
      'a password of 14 characters',
      { ADMIN_USERNAME: 'root', ADMIN_PASSWORD: 'x7-fourteen-ch' },
      [
        'ADMIN_PASSWORD does not fit. A password has at least 15 characters: a few words in a row are easy to remember.',
      ],
    ],
    [
      'a password that is shorter than PASSWORD_MIN_LENGTH',
      { ADMIN_USERNAME: 'root', ADMIN_PASSWORD: long, PASSWORD_MIN_LENGTH: '22' },
      [
        'ADMIN_PASSWORD does not fit. A password has at least 22 characters: a few words in a row are easy to remember.',
      ],
    ],
  ])('with %s', (_what, environment, problems) => {
    expect(problemsOf(environment)).toEqual(problems);
  });
});

test('no message repeats the value of a secret', () => {
  const secrets = {
    JWT_SECRET_KEY: 'hunter2-a',
    JWT_SECRET_KEY_PREVIOUS: 'hunter2-b',
    JWT_PRIVATE_KEY: 'hunter2-c',
    ADMIN_PASSWORD: 'hunter2-d',
    DATABASE_URL: 'mysql://root:hunter2-e@127.0.0.1/db',
  };
  const admin = { ADMIN_USERNAME: 'root', ADMIN_PASSWORD: 'hunter2-d', JWT_PRIVATE_KEY: 'hunter2' };
  for (const environment of [secrets, { ...secrets, NODE_ENV: 'production' }, admin]) {
    expect(problemsOf(environment).length).toBeGreaterThan(1);
    expect(problemsOf(environment).join('\n')).not.toContain('hunter2');
  }
});
