import { badUserInput } from './errors.ts';

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
