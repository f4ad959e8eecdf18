import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A sorted text file, of which only the lines that are looked at are read. */
interface SortedFile {
  readonly descriptor: number;
  readonly size: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
const blockBytes = 512;
// Longer than any password, in bytes.
const longestLineBytes = 64 * 1024;
const sampleLines = 100;
// As "Have I Been Pwned" is downloaded: the SHA-1 of a password, and how often it leaked.
const hashLine = /^[0-9a-f]{40}(?::\d+)?$/i;

/**
 * Whether a list of leaked passwords has this one: by binary search, in about 30 reads for a thousand million lines.
 * The list is lines sorted by their bytes, of passwords or of SHA-1 hashes, in either case with `:count` behind them.
 *
 * @throws when the file cannot be read any more
 */
export function isLeaked(password: string, path: string): boolean {
  return withSortedFile(path, (file) => {
    const first = lineAt(file, 0);
    if (!first) return false;
    const hashed = isHash(first);
    const wanted = hashed ? createHash('sha1').update(password).digest('hex') : password;
    return isInFile(file, Buffer.from(wanted), hashed);
  });
}

/** Why a file cannot be the list, as the end of a sentence; null when it can, as far as a sample of its lines tells. */
export function findLeakedPasswordsProblem(path: string): string | null {
  try {
    return withSortedFile(path, (file) => {
      const first = lineAt(file, 0);
      if (!first) return 'names an empty file';
      const hashed = isHash(first);
      const steps = Array.from({ length: sampleLines }, (_, step) =>
        Math.floor((file.size * step) / sampleLines),
      );
      const lines = steps.flatMap((offset) => lineFrom(file, offset) ?? []);
      if (hashed && !lines.every(isHash)) {
        return 'names a file that begins with SHA-1 hashes and has other lines too';
      }
      const keys = lines.map((line) => keyOf(line, hashed));
      const isSorted = keys.every((key, index) => key.compare(keys[index - 1] ?? key) >= 0);
      return isSorted ? null : 'names a file that is not sorted by bytes, as LC_ALL=C sort does';
    });
  } catch (error) {
    return `names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

function withSortedFile<T>(path: string, act: (file: SortedFile) => T): T {
  const descriptor = openSync(path, 'r');
  try {
    return act({ descriptor, size: fstatSync(descriptor).size });
  } finally {
    closeSync(descriptor);
  }
}

function isInFile(file: SortedFile, wanted: Buffer, hashed: boolean): boolean {
  // The line that is wanted begins at `low` or behind it, and before `high`.
  let low = 0;
  let high = file.size;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const line = lineFrom(file, middle);
    const order = line && line.start < high ? keyOf(line, hashed).compare(wanted) : 1;
    if (order === 0) return true;
    if (line && order < 0) low = line.end;
    else high = middle;
  }
  return false;
}

interface Line {
  readonly start: number;
  /** Where the next line begins. */
  readonly end: number;
  /** Without its line break. Bytes, not text: some lists have lines that are not UTF-8. */
  readonly bytes: Buffer;
}

/** The first line that begins at an offset or behind it. */
function lineFrom(file: SortedFile, offset: number): Line | null {
  if (offset === 0) return lineAt(file, 0);
  const before = lineAt(file, offset - 1);
  return before && lineAt(file, before.end);
}

function lineAt({ descriptor, size }: SortedFile, start: number): Line | null {
  if (start >= size) return null;
  const blocks: Buffer[] = [];
  let length = 0;
  while (length < longestLineBytes) {
    const block = Buffer.alloc(blockBytes);
    const read = readSync(descriptor, block, 0, blockBytes, start + length);
    const found = block.subarray(0, read).indexOf(newline);
    blocks.push(block.subarray(0, found < 0 ? read : found));
    if (found >= 0 || read === 0) {
      const bytes = Buffer.concat(blocks);
      const end = start + bytes.length + 1;
      return { start, end, bytes: bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes };
    }
    length += read;
  }
  throw new Error('A line of the list of leaked passwords is longer than 64 KB.');
}

function isHash({ bytes }: Line): boolean {
  return hashLine.test(bytes.toString('latin1'));
}

// Digits come before letters in either case, so hashes are sorted alike in both.
function keyOf({ bytes }: Line, hashed: boolean): Buffer {
  return hashed ? Buffer.from(bytes.toString('latin1', 0, 40).toLowerCase()) : bytes;
}
