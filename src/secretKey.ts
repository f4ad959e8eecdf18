import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

// Of two processes that start together, the second reads what the first wrote.
function writeSecret(file: string): string {
  try {
    const secret = randomSecret();
    writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      return readFileSync(file, 'utf8').trim();
    throw error;
  }
}

function randomSecret(): string {
  return randomBytes(48).toString('base64');
}
