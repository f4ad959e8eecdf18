/**
 * The one form of a username that is stored and compared: NFKC, lower case, 3 to 64 of `a-z 0-9 . _ @ + -`. Null for
 * a name that has no such form.
 */
export function foldUsername(name: string): string | null {
  const folded = name.normalize('NFKC').toLowerCase();
  return /^[a-z0-9._@+-]{3,64}$/.test(folded) ? folded : null;
}

export const usernameRule =
  'A username has 3 to 64 characters, each of them a letter from a to z, a digit, or one of . _ @ + -';
