import { availableParallelism } from 'node:os';
import { hash, type Options, verify } from '@node-rs/argon2';
import { dictionary } from '@zxcvbn-ts/language-common';
import pLimit from 'p-limit';
import { rateLimited } from '../errors.ts';

// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
const parameters: Options = {
  algorithm: 2, // argon2id
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};
const currentForm = '$argon2id$v=19$m=19456,t=2,p=1$';

const maximumLength = 256;
const commonPasswords = new Set(dictionary['passwords-common']);

/**
 * Why a password may not be chosen, as a sentence for its owner; null when it may. Lengths are in code points, after
 * NFC (NIST SP 800-63B-4, section 3.1.1.2): no rules on what it is made of, only a list of what is guessed first.
 */
export function findPasswordProblem(
  password: string,
  { minLength, username }: { minLength: number; username: string },
): string | null {
  const tooLong = findLengthProblem(password);
  if (tooLong) return tooLong;
  const normal = password.normalize('NFC');
  if ([...normal].length < minLength) {
    return `A password has at least ${minLength} characters: a few words in a row are easy to remember.`;
  }
  const folded = normal.toLowerCase();
  if (folded === username || folded === 'sallyport') {
    return 'A password cannot be the username or the name of the service: these are guessed first.';
  }
  return commonPasswords.has(folded)
    ? 'This password is one of the most common ones, which are guessed first. Choose another.'
    : null;
}

/** Says so when a password is too long to be anybody's. To be asked before it is hashed. */
export function findLengthProblem(password: string): string | null {
  // A code point has at most two UTF-16 units, and NFC makes at most three code points of one.
  const tooLong =
    password.length > 3 * 2 * maximumLength ||
    [...password.normalize('NFC')].length > maximumLength;
  return tooLong ? `A password has at most ${maximumLength} characters.` : null;
}

// Hashing runs on libuv's four threads, which files and name look-ups need too: one of them stays free.
const concurrentHashes = Math.max(1, Math.min(availableParallelism(), 3));
const waitingHashes = 64;
const hashQueue = pLimit(concurrentHashes);

/** @throws RATE_LIMITED when too many hashes wait already */
export async function hashPassword(password: string): Promise<string> {
  return await queued(() => hash(password.normalize('NFC'), parameters));
}

/**
 * Compares a password with a stored hash. Without a hash it computes for as long and says no, so that nobody learns
 * from the time it takes whether there is such an account.
 *
 * @throws RATE_LIMITED when too many hashes wait already
 */
export async function verifyPassword(
  storedHash: string | null,
  password: string,
): Promise<boolean> {
  const matches = await queued(async () =>
    verify(storedHash ?? (await decoyHash()), password.normalize('NFC')),
  );
  return storedHash !== null && matches;
}

/** Whether a stored hash was made with other parameters than today's. */
export function isOutdated(storedHash: string): boolean {
  return !storedHash.startsWith(currentForm);
}

let decoy: Promise<string> | null = null;

/** A hash of nobody's password, made once. To be made before the first sign-in, whose time it would show in. */
export function decoyHash(): Promise<string> {
  decoy ??= hash(crypto.randomUUID(), parameters);
  return decoy;
}

let checksUnderWay = 0;

/**
 * Does what ends in a password check, unless as many are under way as the queue of hashes takes: then it is refused
 * before it asks the database, which everybody else needs too.
 *
 * @throws RATE_LIMITED
 */
export async function whileQueueHasRoom<T>(check: () => Promise<T>): Promise<T> {
  if (checksUnderWay >= concurrentHashes + waitingHashes) throw rateLimited(1);
  checksUnderWay += 1;
  try {
    return await check();
  } finally {
    checksUnderWay -= 1;
  }
}

async function queued<T>(work: () => Promise<T>): Promise<T> {
  if (hashQueue.pendingCount >= waitingHashes) throw rateLimited(1);
  return await hashQueue(work);
}
