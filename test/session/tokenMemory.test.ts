import { createKeyRing } from '@sallyport/guards';
import { expect, test } from 'vitest';
import { createTokenMemory, maximumBytes, maximumTokens } from '../../src/session/tokenMemory.ts';

const key = createKeyRing({ secret: 'a secret key for these tests, and for no others' }).signing
  .access;

/** Whether each of the texts is remembered, after they were set in their order. */
function setAll(texts: readonly string[]) {
  const memory = createTokenMemory();
  for (const text of texts) memory.set(text, key);
  return texts.map((text) => memory.get(text) === key);
}

test('the memory of valid tokens keeps the last ten thousand', () => {
  const kept = setAll(Array.from({ length: maximumTokens + 3 }, (_, index) => `token ${index}`));
  expect(maximumTokens).toBe(10_000);
  expect(kept.slice(0, 5)).toEqual([false, false, false, true, true]);
  expect(kept.filter(Boolean)).toHaveLength(maximumTokens);
});

test('the memory of valid tokens keeps fewer long tokens', () => {
  const longest = 8192;
  const kept = setAll(
    Array.from({ length: 4_000 }, (_, index) => `${index}`.padStart(longest, 'x')),
  );
  const count = kept.filter(Boolean).length;
  expect(count * longest).toBeLessThanOrEqual(maximumBytes);
  expect(count).toBeGreaterThan(1_500);
  expect(kept.at(-1)).toBe(true);
});

test('the memory of valid tokens forgets the token that was unused for longest', () => {
  const memory = createTokenMemory();
  for (let index = 0; index < maximumTokens; index++) memory.set(`token ${index}`, key);
  expect(memory.get('token 0')).toBe(key);
  memory.set('one more', key);
  expect([memory.get('token 0'), memory.get('token 1')]).toEqual([key, undefined]);
});
