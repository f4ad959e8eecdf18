import { createCipheriv, createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { findSecretProblem } from '../../src/config/secretProblem.ts';

const problemOf = (secret: string) => findSecretProblem(secret, { adminPassword: null });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test.each([
  'z'.repeat(32),
  'ab'.repeat(16),
  '-'.repeat(32),
  'qwertyuiopasdfghjklzxcvbnm123456',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,',
  'thisisaverysecretkeythatnobodyknows',
  'thisisaverysecretkeythatmustbechanged',
  'this-is-a-very-long-secret-key-1234567890',
  'your-256-bit-secret-your-256-bit-secret',
  'changemechangemechangemechangeme',
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
  '0123456789abcdef0123456789abcdef',
  '12345678901234567890123456789012',
  'abcdefghijklmnopqrstuvwxyz012345',
  'secretsecretsecretsecretsecretsecret',
  'CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET',
  'replace-this-with-a-long-random-string!!',
  '$(openssl rand -base64 48) at least',
  'at least 32 bytes, from the environment',
  'mysupersecretkeymysupersecretkey',
  'reallyreallyreallyreallyverysafe',
  'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0',
  '00000000000000000000000000000001',
  'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb',
  'iloveyouiloveyouiloveyouiloveyou1',
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  sha256('secret'),
  sha256('password'),
])('%s is refused, and not repeated in the message', (secret) => {
  expect(problemOf(secret)).toMatch(
    /^(is a well-known value|repeats itself|is easy to guess, .*|is the hash of a common password)$/,
  );
});

test('the password of the administrator is refused', () => {
  const secret = 'q7Zr-Xw2nB8kVd1LhTf5Jc9YpGs3Mu6E';
  expect(findSecretProblem(secret, { adminPassword: secret })).toBe(
    'is the same as ADMIN_PASSWORD',
  );
  expect(problemOf(secret)).toBeNull();
});

test('of 400 random keys in base64, and 5 in hexadecimal digits, none is refused', () => {
  const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32, 1), Buffer.alloc(16));
  const random = (bytes: number) => cipher.update(Buffer.alloc(bytes));
  const keys = [
    ...Array.from({ length: 200 }, () => random(32).toString('base64')),
    ...Array.from({ length: 200 }, () => random(48).toString('base64url')),
    ...Array.from({ length: 5 }, () => random(32).toString('hex')),
  ];
  expect(keys.filter((key) => problemOf(key) !== null)).toEqual([]);
});
