import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { obtainSecretKey } from '../../src/config/secretKey.ts';

const directories: string[] = [];
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-key-'));
  directories.push(directory);
});
afterAll(() => {
  for (const each of directories) rmSync(each, { recursive: true });
});

const keyFile = () => join(directory, 'jwt-secret-key');
const obtain = () => obtainSecretKey(loadConfig({ DATA_DIR: directory }));

test('a key is made once, stored, and read at the next start', () => {
  const { secretKey, note } = obtain();
  expect(readFileSync(keyFile(), 'utf8').trim()).toBe(secretKey);
  expect(note).toContain(keyFile());
  expect(obtain().secretKey).toBe(secretKey);
});

test.each(['', '\n', 'too short'])(
  'a file that holds %j instead of a key is reported by its name',
  (content) => {
    writeFileSync(keyFile(), content);
    expect(obtain).toThrow(`${keyFile()} does not hold a key. Remove it, or set JWT_SECRET_KEY.`);
  },
);
