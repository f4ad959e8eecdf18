import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';

/**
 * The secret that tokens are signed with: JWT_SECRET_KEY, or, outside production, a random one that is made once and
 * kept in DATA_DIR, readable by its owner only. `note` says so when it is not the configured one.
 */
export function obtainSecretKey({ jwt, dataDir, production }: Config): {
  secretKey: string;
  note: string | null;
} {
  if (jwt.secretKey !== null) return { secretKey: jwt.secretKey, note: null };
  if (production) throw new TypeError('JWT_SECRET_KEY must be set in production.');
  const advice = 'Set JWT_SECRET_KEY before others use this server.';
  if (dataDir === 'memory:') {
    return {
      secretKey: randomSecret(),
      note: `Tokens are signed with a key for this run. ${advice}`,
    };
  }
  const file = join(dataDir, 'jwt-secret-key');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return {
    secretKey: readSecret(file) ?? writeSecret(file),
    note: `Tokens are signed with a key kept in ${file}. ${advice}`,
  };
}

function readSecret(file: string): string | null {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (Buffer.byteLength(secret) >= 32) return secret;
  throw new TypeError(`${file} does not hold a key. Remove it, or set JWT_SECRET_KEY.`);
}

// Whole or not at all, and of two processes that start together, the second reads what the first wrote.
function writeSecret(file: string): string {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${randomSecret()}\n`, { mode: 0o600 });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}

function randomSecret(): string {
  return randomBytes(48).toString('base64');
}
