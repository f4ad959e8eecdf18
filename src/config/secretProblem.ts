import { createHash } from 'node:crypto';
import { dictionary } from '@zxcvbn-ts/language-common';
import { guessesLog10, isRepetition } from '../input/guesses.ts';
import { knownSecretFingerprints, placeholderWords } from './knownSecrets.ts';

// Measured: of 1,500 random keys of 16 bytes as hexadecimal digits, the weakest takes 10^28 guesses by the estimator.
const leastGuessesLog10 = 20;
// More letters and digits than are left of a placeholder, and fewer than of any random key.
const maximumUncovered = 4;

/** Returns why a secret that signs tokens could be guessed, as the end of a sentence; null when no reason is known. */
export function findSecretProblem(
  secret: string,
  { adminPassword }: { adminPassword: string | null },
): string | null {
  if (secret === adminPassword) return 'is the same as ADMIN_PASSWORD';
  for (const text of [secret, ...decoded(secret)]) {
    const problem = findTextProblem(text);
    if (problem) return problem;
  }
  return isHashOfCommon(secret) ? 'is the hash of a common password' : null;
}

function findTextProblem(text: string): string | null {
  if (knownSecretFingerprints.has(fingerprint(text))) return 'is a well-known value';
  const bare = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (bare !== '' && uncovered(bare) <= maximumUncovered) return 'is a well-known value';
  if (isRepetition(text)) return 'repeats itself';
  return guessesLog10(text) < leastGuessesLog10
    ? 'is easy to guess, made of words, repetitions or rows of keys'
    : null;
}

/** How many letters and digits are left of a text when words of placeholders cover as much of it as they can. */
function uncovered(bare: string): number {
  const left = [0];
  for (let end = 1; end <= bare.length; end++) {
    const candidates = placeholderWords
      .filter((word) => bare.endsWith(word, end))
      .map((word) => left[end - word.length] ?? 0);
    left[end] = Math.min((left[end - 1] ?? 0) + 1, ...candidates);
  }
  return left[bare.length] ?? 0;
}

/**
 * Returns the text in a secret that is written in base64 or hexadecimal digits, as tutorials do; none for random bytes.
 */
function decoded(secret: string): string[] {
  const texts = [
    ...(/^[0-9a-f]{32,}$/i.test(secret) ? [Buffer.from(secret, 'hex')] : []),
    ...(/^[\w+/-]{20,}=*$/.test(secret) ? [Buffer.from(secret, 'base64')] : []),
  ].map((bytes) => bytes.toString('latin1'));
  return texts.filter((text) => /^[\t\n\r -~]{12,}$/.test(text));
}

const hashByLength: Readonly<Record<number, string>> = {
  32: 'md5',
  40: 'sha1',
  64: 'sha256',
  128: 'sha512',
};

function isHashOfCommon(secret: string): boolean {
  const algorithm = hashByLength[secret.length];
  if (!algorithm || !/^[0-9a-f]+$/i.test(secret)) return false;
  const wanted = secret.toLowerCase();
  return ['', ...placeholderWords, ...dictionary['passwords-common']].some(
    (word) => createHash(algorithm).update(word).digest('hex') === wanted,
  );
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
