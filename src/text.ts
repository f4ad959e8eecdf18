import { badUserInput, notFound } from './errors.ts';

/**
 * Takes one line of text as it is. Lengths are in code points.
 *
 * @throws BAD_USER_INPUT when it is blank though `minLength` is not 0, too long, or has control characters
 */
export function readLine(
  argument: string,
  text: string,
  { minLength, maxLength }: { minLength: number; maxLength: number },
): string {
  const length = [...text].length;
  const isBlank = minLength > 0 && text.trim() === '';
  if (isBlank || length < minLength || length > maxLength) {
    throw badUserInput(
      argument,
      `"${argument}" must have ${minLength} to ${maxLength} characters.`,
    );
  }
  if (/\p{Cc}/u.test(text)) {
    throw badUserInput(argument, `"${argument}" must be one line, without control characters.`);
  }
  return text;
}

/** Whether a text can be compared with an id of the database. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/**
 * Takes an id as it is.
 *
 * @throws NOT_FOUND when nothing can have it
 */
export function readId(id: string, what: string): string {
  if (!isUuid(id)) throw notFound(what);
  return id;
}
