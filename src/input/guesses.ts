import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { famousPhrases } from './famousPhrases.ts';

// Time grows faster than length, and nobody should wait for somebody else's password.
const estimatedCodePoints = 64;

const estimator = new ZxcvbnFactory({
  dictionary: { ...dictionary, famous: famousPhrases },
  graphs: adjacencyGraphs,
  // In UTF-16 units, of which a code point has at most two.
  maxLength: 2 * estimatedCodePoints,
  // Measured: 8 ms for the worst text that was found, and 89 ms with the 100 of the library, which tell no more.
  l33tMaxSubstitutions: 8,
});

/**
 * How many guesses somebody needs who tries words, names, dates, keyboard rows and repetitions first, as a power of
 * ten (zxcvbn). Judges the first 64 code points. `context` is what is guessed first of all: names around the secret.
 */
export function guessesLog10(text: string, context: readonly string[] = []): number {
  const beginning = [...text].slice(0, estimatedCodePoints).join('');
  return estimator.check(beginning, [...context]).guessesLog10;
}

// A text that begins and ends with a letter or a digit, and comes again behind what is neither.
const apart =
  /^[^\p{L}\p{N}]*([\p{L}\p{N}](?:.*?[\p{L}\p{N}])??)(?:[^\p{L}\p{N}]+\1)+[^\p{L}\p{N}]*$/su;

/** Whether a text is one shorter text, written at least twice, with or without punctuation in between. */
export function isRepetition(text: string): boolean {
  return (text !== '' && `${text}${text}`.indexOf(text, 1) < text.length) || apart.test(text);
}
