import { badUserInput, notFound } from '../errors.ts';
import { withoutInvisible } from './invisible.ts';

/**
 * Takes one line of text as it is. Lengths are in code points.
 *
 * @throws BAD_USER_INPUT as findLineProblem says
 *
 * @example
 * console.log(readLine('title', 'A chair', { minimumLength: 1, maximumLength: 100 })); // A chair
 */
export function readLine(argument: string, text: string, lengths: Lengths): string {
  const problem = findLineProblem(argument, text, lengths);
  if (problem) throw badUserInput(argument, problem);
  return text;
}

/** Of a name to show to people, in code points. */
export const fullNameLengths: Lengths = { minimumLength: 0, maximumLength: 200 };

interface Lengths {
  readonly minimumLength: number;
  readonly maximumLength: number;
}

/**
 * Why a text is not one line that everybody sees as it is: it is blank though `minimumLength` is not 0, too long, or
 * has characters that cannot be seen or turn others around. Null when it is.
 */
export function findLineProblem(
  argument: string,
  text: string,
  { minimumLength, maximumLength }: Lengths,
): string | null {
  const length = [...text].length;
  const isBlank = minimumLength > 0 && text.trim() === '';
  if (isBlank || length < minimumLength || length > maximumLength) {
    return `"${argument}" must have ${minimumLength} to ${maximumLength} characters.`;
  }
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) {
    return `"${argument}" must be one line, without control characters.`;
  }
  return withoutInvisible(text) === text
    ? null
    : `"${argument}" must not have invisible characters, or such that change the direction of writing.`;
}

/**
 * Whether a text can be compared with an id of the database.
 *
 * @example
 * console.log(isUuid('7f4df5b2-6d0f-4f5e-9a3c-0a4b5c6d7e8f'), isUuid('7')); // true false
 */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/**
 * Takes an id as it is.
 *
 * @throws NOT_FOUND when nothing can have it
 *
 * @example
 * console.log(readId('7f4df5b2-6d0f-4f5e-9a3c-0a4b5c6d7e8f', 'Note').length); // 36
 */
export function readId(id: string, what: string): string {
  if (!isUuid(id)) throw notFound(what);
  return id;
}
