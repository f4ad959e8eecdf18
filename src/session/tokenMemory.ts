import type { Key, TokenMemory } from '@sallyport/guards';
import { LRUCache } from 'lru-cache';

export const maximumTokens = 10_000;
export const maximumBytes = 16 * 1024 * 1024;
// What an entry takes besides the text of the token, about.
const entryBytes = 300;

/** Keeps the last good access tokens, bounded in number and in bytes, and not longer than the process lives. */
export function createTokenMemory(): TokenMemory {
  return new LRUCache<string, Key>({
    max: maximumTokens,
    maxSize: maximumBytes,
    sizeCalculation: (_key, token) => token.length + entryBytes,
  });
}
