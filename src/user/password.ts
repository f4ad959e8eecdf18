import { availableParallelism } from 'node:os';
import { hash, type Options, verify } from '@node-rs/argon2';
import { createFairQueue, type Turn } from './fairQueue.ts';

// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
const parameters: Options = {
  algorithm: 2, // argon2id
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};
const currentForm = '$argon2id$v=19$m=19456,t=2,p=1$';

// Hashing runs on libuv's four threads, which files and name look-ups need too: one of them stays free.
const concurrentHashes = Math.max(1, Math.min(availableParallelism(), 3));

/** The queue of everything that hashes a password, or judges a new one. */
export const hashQueue = createFairQueue({
  atOnce: concurrentHashes,
  room: concurrentHashes + 64,
  share: 40,
});

// Commands of the operator have a network of their own in the queue, and no client that could hang up.
const operator = { network: 'operator', account: null, onGone: () => () => {} };

/** Hashes a password, in a turn of the visit that the caller makes to the queue, or of one of its own. */
export async function hashPassword(password: string, turn?: Turn): Promise<string> {
  return turn
    ? await turn(() => hashNow(password))
    : await hashQueue.enter(operator, (ownTurn) => hashPassword(password, ownTurn));
}

/** What a look at a password found; `renewedHash` is today's form of an outdated hash that matched. */
export interface PasswordCheck {
  readonly matches: boolean;
  readonly renewedHash: string | null;
  /** Whether the stored hash could not be read. */
  readonly isUnreadable: boolean;
}

/**
 * Compares a password with a stored hash, in one turn. Without a hash, or with one that cannot be read, it works as
 * much and says no, and as much for an outdated hash as for one of today, so that the time it takes tells nobody which
 * it was.
 */
export async function verifyPassword(
  storedHash: string | null,
  password: string,
  turn: Turn,
): Promise<PasswordCheck> {
  return await turn(async () => {
    const found = storedHash === null ? null : readHash(storedHash);
    const matches = found !== null && (await tryVerify(found.hash, password));
    if (matches === null || found === null) {
      await verify(await decoyHash(), password.normalize('NFC'));
      return { matches: false, renewedHash: null, isUnreadable: storedHash !== null };
    }
    if (matches) {
      const renewedHash = isOutdated(found.hash) ? await hashNow(password) : null;
      return { matches, renewedHash, isUnreadable: false };
    }
    await workOff(currentWork - found.work, password);
    return { matches, renewedHash: null, isUnreadable: false };
  });
}

// A PHC string of argon2. What is behind `p=` may also be a key's name or further data, which nobody here has made.
const phcForm =
  /^\$argon2(?:id|i|d)\$(?:v=\d{1,3}\$)?m=(\d{1,7}),t=(\d{1,3}),p=\d{1,3}\$[\w+/]+\$[\w+/]+$/;
const currentWork = workOf(19_456, 2);
// A row that asks for more than 1 GiB, or for more than a second, would stop the service, and not only its own sign-in.
const maximumMemoryKibibytes = 1024 * 1024;
const maximumWork = 64 * currentWork;

// What argon2 does is proportional to its memory, in KiB, times its passes.
function workOf(memoryCost: number, timeCost: number): number {
  return memoryCost * timeCost;
}

function readHash(hash: string): { hash: string; work: number } | null {
  const [, memory, passes] = phcForm.exec(hash) ?? [];
  const work = workOf(Number(memory), Number(passes));
  return Number(memory) <= maximumMemoryKibibytes && work <= maximumWork ? { hash, work } : null;
}

// Null when argon2 cannot read the hash, for example because its salt is too short.
async function tryVerify(storedHash: string, password: string): Promise<boolean | null> {
  return await verify(storedHash, password.normalize('NFC')).catch(() => null);
}

// Each pass has as much memory as today's hashes have: less memory would fit into a cache and be faster.
async function workOff(work: number, password: string): Promise<void> {
  const smallestMemory = 8;
  for (let left = work; left >= smallestMemory; left -= 19_456) {
    await hash(password, { ...parameters, timeCost: 1, memoryCost: Math.min(left, 19_456) });
  }
}

async function hashNow(password: string): Promise<string> {
  return await hash(password.normalize('NFC'), parameters);
}

function isOutdated(storedHash: string): boolean {
  return !storedHash.startsWith(currentForm);
}

let decoy: Promise<string> | null = null;

/**
 * Returns the hash that a password is compared with when there is no such user: that of a random text, made once. Call
 * it before the first sign-in, which would otherwise take longer than the others.
 */
export function decoyHash(): Promise<string> {
  decoy ??= hash(crypto.randomUUID(), parameters);
  return decoy;
}
