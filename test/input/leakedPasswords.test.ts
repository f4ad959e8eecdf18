import { createHash, randomBytes } from 'node:crypto';
import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { findLeakedPasswordsProblem, isLeaked } from '../../src/input/leakedPasswords.ts';
import { problemsOf } from '../config/environment.ts';
import { failure, startApp } from '../support/app.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-leaked-'));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

let files = 0;
function write(lines: readonly (string | Buffer)[], lineBreak = '\n', last = lineBreak): string {
  const path = join(directory, `list-${files++}`);
  const bytes = lines.map((line) => Buffer.from(line as string));
  const parts = bytes.flatMap((line, index) => (index > 0 ? [Buffer.from(lineBreak), line] : line));
  writeFileSync(path, Buffer.concat([...parts, Buffer.from(last)]));
  return path;
}

const passwords = Array.from({ length: 500 }, (_, index) => `leaked phrase ${index * 7}`);
const sortedPasswords = [...passwords, 'äöü ßßß ぬるぽ ガッ', ''.padEnd(900, 'long ')].toSorted(
  (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)),
);
const hashes = passwords.map(sha1).toSorted();
const lists: [string, string][] = [
  ['passwords', write(sortedPasswords)],
  ['passwords without a last line break', write(sortedPasswords, '\n', '')],
  ['passwords with line breaks of Windows', write(sortedPasswords, '\r\n')],
  ['hashes', write(hashes)],
  [
    'hashes in capitals with counts, as they are downloaded',
    write(
      hashes.map((hash, index) => `${hash.toUpperCase()}:${index + 1}`),
      '\r\n',
    ),
  ],
];

describe.each(lists)('a list of %s', (_kind, path) => {
  test('is accepted at the start', () => {
    expect(findLeakedPasswordsProblem(path)).toBeNull();
    expect(problemsOf({ PASSWORD_BLOCKLIST_FILE: path })).toEqual([]);
  });

  test('contains each of its passwords, and no text between, before or behind them', () => {
    expect(passwords.filter((password) => !isLeaked(password, path))).toEqual([]);
    const others = passwords.flatMap((password) => [
      `${password}x`,
      password.slice(0, -1),
      ` ${password}`,
    ]);
    const known = new Set(passwords);
    const absent = [...others, '', ' ', '\u{10ffff}', 'zzz'].filter((each) => !known.has(each));
    expect(absent.filter((each) => isLeaked(each, path))).toEqual([]);
  });
});

test.each([1, 2, 3, 4, 5, 17])('in a list of %i lines each is found', (count) => {
  const some = passwords.slice(0, count).toSorted();
  const path = write(some);
  for (const password of some) expect(isLeaked(password, path)).toBe(true);
  expect(isLeaked('something else', path)).toBe(false);
});

test('bytes that are not text do not hide the lines behind them', () => {
  const binary = Buffer.from([0x70, 0xff, 0xfe, 0x80]);
  const path = write(['a first password', binary, 'q after the bytes']);
  expect(isLeaked('q after the bytes', path)).toBe(true);
  expect(isLeaked('a first password', path)).toBe(true);
});

test('a list is searched with few reads, and never read as a whole', () => {
  const large = Array.from({ length: 50_000 }, () => randomBytes(20).toString('hex')).toSorted();
  const path = write(large);
  const read = vi.spyOn(fs, 'readSync');
  expect(isLeaked('something that did not leak', path)).toBe(false);
  // Halving 2 MB down to one byte takes 21 steps of two lines each.
  expect(read.mock.calls.length).toBeLessThan(50);
});

test.each([
  [
    'that does not exist',
    () => join(directory, 'missing'),
    'names a file that cannot be read (ENOENT)',
  ],
  ['that is a directory', () => directory, 'names a file that cannot be read (EISDIR)'],
  ['that is empty', () => write([], '\n', ''), 'names an empty file'],
  [
    'that is not sorted',
    () => write(passwords),
    'names a file that is not sorted by bytes, as LC_ALL=C sort does',
  ],
  [
    'sorted without regard to capitals',
    () => write(['apple pie', 'Banana pie', 'cherry pie', 'Date pie']),
    'names a file that is not sorted by bytes, as LC_ALL=C sort does',
  ],
  [
    'with hashes and other lines',
    () => write([...hashes.slice(0, 3), 'zzz']),
    'names a file that begins with SHA-1 hashes and has other lines too',
  ],
])('a file %s stops the start', (_what, make, problem) => {
  expect(problemsOf({ PASSWORD_BLOCKLIST_FILE: make() })).toEqual([
    `PASSWORD_BLOCKLIST_FILE ${problem}.`,
  ]);
});

describe('with PASSWORD_BLOCKLIST_FILE', () => {
  const message =
    'This password is in a list of leaked ones, which are guessed first. Choose another.';
  const path = lists[4]?.[1] ?? '';
  const register =
    'mutation ($p: String!) { register(username: "leaky", password: $p) { accessToken } }';
  const change = 'mutation ($p: String!) { changePassword(newPassword: $p) { fresh } }';

  test('a leaked password is refused at registration and at a change, and another is not', async () => {
    const app = await startApp({ environment: { PASSWORD_BLOCKLIST_FILE: path } });
    const leaked = { variables: { p: 'leaked phrase 77' } };
    expect(failure(await app.ask(register, leaked))).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'password',
      message,
    });
    const answer = await app.ask(register, { variables: { p: 'leaked phrase 78' } });
    expect(answer.errors).toEqual([]);
    const token = answer.data.register.accessToken;
    expect(failure(await app.ask(change, { ...leaked, token }))).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'newPassword',
      message,
    });
    await app.close();
  });

  test('a leaked ADMIN_PASSWORD stops the start, and is not repeated', () => {
    const admin = { ADMIN_USERNAME: 'root', ADMIN_PASSWORD: 'leaked phrase 77' };
    expect(problemsOf({ ...admin, PASSWORD_BLOCKLIST_FILE: path })).toEqual([
      `ADMIN_PASSWORD does not fit. ${message}`,
    ]);
  });

  test('no password can be set while the file is missing, and the log has the reason', async () => {
    const gone = write(sortedPasswords);
    const app = await startApp({ environment: { PASSWORD_BLOCKLIST_FILE: gone } });
    rmSync(gone);
    const answer = await app.ask(register, { variables: { p: 'leaked phrase 78' } });
    expect(failure(answer)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(app.logLines.join('')).toContain('ENOENT');
    await app.close();
  });
});
