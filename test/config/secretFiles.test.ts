import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { ecKey, otherSecret, problemsOf, secret } from './environment.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(content: string): string {
  const path = join(directory, `secret-${files++}`);
  writeFileSync(path, content);
  return path;
}

test('every secret can be in a file, whose last line break is not part of it', () => {
  const config = loadConfig({
    NODE_ENV: 'production',
    DATABASE_URL_FILE: file('postgres://127.0.0.1/db\n'),
    JWT_SECRET_KEY_FILE: file(`${secret}\r\n`),
    JWT_SECRET_KEY_PREVIOUS_FILE: file(otherSecret),
    JWT_SECRET_KEY_NEXT_FILE: file(''),
    JWT_PRIVATE_KEY_FILE: file(ecKey),
    ADMIN_USERNAME: 'root',
    ADMIN_PASSWORD_FILE: file('correct horse battery\n'),
  });
  expect(config.databaseUrl).toBe('postgres://127.0.0.1/db');
  expect(config.jwt).toMatchObject({
    secretKey: secret,
    previousSecretKey: otherSecret,
    nextSecretKey: null,
    privateKey: ecKey.replace(/\n$/, ''),
  });
  expect(config.admin?.password).toBe('correct horse battery');
});

test('a line break at the end of a secret in the environment does not make another key', () => {
  const { jwt } = loadConfig({
    JWT_SECRET_KEY: `${secret}\n`,
    JWT_SECRET_KEY_PREVIOUS: `${otherSecret}\n`,
  });
  expect(jwt).toMatchObject({ secretKey: secret, previousSecretKey: otherSecret });
  expect(problemsOf({ JWT_SECRET_KEY: secret, JWT_SECRET_KEY_PREVIOUS: `${secret}\n` })).toEqual([
    'JWT_SECRET_KEY_PREVIOUS is the same as JWT_SECRET_KEY.',
  ]);
});

test('a secret file that cannot be read, has a value beside it, or is too short is reported by its setting', () => {
  expect(
    problemsOf({
      NODE_ENV: 'production',
      JWT_SECRET_KEY_FILE: join(directory, 'missing'),
      DATABASE_URL: 'postgres://127.0.0.1/db',
      DATABASE_URL_FILE: file('postgres://127.0.0.1/db'),
      JWT_SECRET_KEY_NEXT_FILE: file('short'),
    }),
  ).toEqual([
    'DATABASE_URL and DATABASE_URL_FILE are both set.',
    'JWT_SECRET_KEY_FILE names a file that cannot be read (ENOENT).',
    'JWT_SECRET_KEY_NEXT must have at least 32 bytes: make one with `openssl rand -base64 48`.',
  ]);
});
