import { dictionary } from '@zxcvbn-ts/language-common';
import { famousPhrases } from './famousPhrases.ts';
import { guessesLog10, isRepetition } from './guesses.ts';
import { isLeaked } from './leakedPasswords.ts';

export interface PasswordRules {
  /** In code points. */
  readonly minimumLength: number;
  /** As foldUsername makes it; null when the name that was given has no such form. */
  readonly username: string | null;
  readonly fullName: string | null;
  /** What tokens name as their issuer: the name of the service, or its address. */
  readonly issuer: string;
  /** A sorted list of leaked passwords, or of their hashes; null where there is none. */
  readonly blocklistFile: string | null;
}

const maximumLength = 256;
const commonPasswords = new Set(dictionary['passwords-common']);
// What a service that slows down guessing should ask for, by the authors of zxcvbn (Wheeler, USENIX Security 2016).
const minimumGuessesLog10 = 10;

const guessedFirst =
  'names, common words and passwords, dates, rows of keys and repetitions are tried first.';

/**
 * Why a password may not be chosen, as a sentence for its owner; null when it may. Lengths are in code points, after
 * NFC (NIST SP 800-63B-4, section 3.1.1.2): no rules on what it is made of, only on how soon it would be guessed.
 */
export function findPasswordProblem(password: string, rules: PasswordRules): string | null {
  const { minimumLength, username, blocklistFile } = rules;
  const tooLong = findLengthProblem(password);
  if (tooLong) return tooLong;
  const normal = password.normalize('NFC');
  if ([...normal].length < minimumLength) {
    return `A password has at least ${minimumLength} characters: a few words in a row are easy to remember.`;
  }
  const folded = normal.toLowerCase();
  if (folded === username || folded === 'sallyport') {
    return 'A password cannot be the username or the name of the service: these are guessed first.';
  }
  if (commonPasswords.has(folded)) {
    return 'This password is one of the most common ones, which are guessed first. Choose another.';
  }
  if (isRepetition(folded)) {
    return 'This password repeats itself, and what repeats is guessed first. Choose another.';
  }
  if (isEasy(normal, rules)) {
    return `This password is easy to guess: ${guessedFirst} Choose a few words that have nothing to do with each other.`;
  }
  return blocklistFile !== null && isLeaked(normal, blocklistFile)
    ? 'This password is in a list of leaked ones, which are guessed first. Choose another.'
    : null;
}

/** Returns why a password is too long, as a sentence; null when it is not. Call it before the password is hashed. */
export function findLengthProblem(password: string): string | null {
  // A code point has at most two UTF-16 units, and NFC makes at most three code points of one.
  const tooLong =
    password.length > 3 * 2 * maximumLength ||
    [...password.normalize('NFC')].length > maximumLength;
  return tooLong ? `A password has at most ${maximumLength} characters.` : null;
}

function isEasy(password: string, { minimumLength, username, fullName, issuer }: PasswordRules) {
  const names = [username ?? '', fullName ?? '', issuer, 'sallyport'].map((name) =>
    name.toLowerCase(),
  );
  const context = [...names, ...names.flatMap((name) => name.split(/[^\p{L}\p{M}\p{N}]+/u))];
  const words = [...new Set(context)].filter((word) => word.length >= 3);
  // The estimator counts ten guesses for a character it knows nothing about, and sometimes sees a date in random ones:
  // where eight characters are allowed, eight random ones are.
  const minimum = Math.min(minimumGuessesLog10, minimumLength - 2);
  if (guessesLog10(password, words) < minimum) return true;
  // The estimator takes what stands between words for hard to guess: names and famous phrases are known without it.
  const bare = password.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const known = [...famousPhrases, ...words.filter((word) => word.length >= 4)];
  return known.some((phrase) => bare.includes(phrase)) && guessesLog10(bare, words) < minimum;
}
