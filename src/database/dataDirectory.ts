import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { tryLock } from 'fs-native-extensions';

// What this server puts into DATA_DIR. `jwt-secret-key` may have a draft beside it.
const ours = /^(?:postgres|unfinished|lock|jwt-secret-key(?:\.\d+)?)$/;
const forOthers = 0o077;
const writableForOthers = 0o022;

/**
 * Makes DATA_DIR if it is not there, closes it to all but its owner, and keeps other processes out. Returns a function
 * that lets other processes in again.
 *
 * @throws an error with a message for the operator
 */
export function claimDirectory(dataDir: string): () => void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Error(`DATA_DIR ${resolve(dataDir)} cannot be used as a directory.`, { cause });
  }
  closeToOthers(dataDir);
  const release = lockDirectory(dataDir);
  try {
    // Before there is anything in it: the database makes its files readable by all.
    const files = join(dataDir, 'postgres');
    if (!existsSync(files)) mkdirSync(files, { mode: 0o700 });
    for (const name of readdirSync(dataDir)) {
      if (ours.test(name)) keepPrivate(join(dataDir, name));
    }
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

// A directory that others share is not ours to close. Where they could write, what is there may be theirs.
function closeToOthers(dataDir: string): void {
  if (!isOpenToOthers(dataDir)) return;
  const { uid, mode } = statSync(dataDir);
  const names = readdirSync(dataDir);
  const isOurs = names.every((name) => ours.test(name) && (mode & writableForOthers) === 0);
  if (isOurs && uid === process.getuid?.()) {
    chmodSync(dataDir, 0o700);
    return;
  }
  const directory = resolve(dataDir);
  throw new Error(
    `DATA_DIR ${directory} is open to other users of this machine. Run chmod 700 on it, or set DATA_DIR to ` +
      `${join(directory, 'sallyport')}, which is then made for this server alone.`,
  );
}

/** Removes the permissions of others from a file, or from a directory and everything in it. */
export function keepPrivate(path: string): void {
  // A directory first: from then on nobody reaches what is in it.
  if (isOpenToOthers(path)) chmodSync(path, statSync(path).mode & 0o700);
  for (const entry of statSync(path).isDirectory() ? readdirSync(path) : []) {
    keepPrivate(join(path, entry));
  }
}

// Windows has no such modes.
function isOpenToOthers(path: string): boolean {
  return process.platform !== 'win32' && (statSync(path).mode & forOthers) !== 0;
}

// Two processes in one directory would silently lose each other's rows. The kernel gives the lock back when its file is
// closed, which it is when the process ends, however it ends.
function lockDirectory(dataDir: string): () => void {
  const lockFile = openSync(join(dataDir, 'lock'), 'a', 0o600);
  if (!tryLock(lockFile)) {
    closeSync(lockFile);
    throw new Error(
      `Another process uses the database in ${resolve(dataDir)}. Stop it, or set DATA_DIR or DATABASE_URL.`,
    );
  }
  return () => closeSync(lockFile);
}
