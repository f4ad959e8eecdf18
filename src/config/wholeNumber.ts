import { z } from 'zod';

export const largestInt = 2_147_483_647; // GraphQL's Int, in which clients are told

/** A whole number as it stands in an environment variable: digits, and nothing else. */
export function wholeNumber(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message);
}
