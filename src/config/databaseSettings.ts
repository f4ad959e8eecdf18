import { z } from 'zod';
import { wholeNumber } from './wholeNumber.ts';

const text = z.string().min(1, 'is set but empty');

/** The variables of the environment that say where the database is. */
export const databaseVariables = {
  DATABASE_URL: text
    .refine(isPostgresUrl, 'must be a URL that begins with postgres://')
    .nullable()
    .default(null),
  // More than the password hashes that run at once: those who ask for one also ask the database.
  DATABASE_POOL_SIZE: wholeNumber(5, 1000).default(16),
  DATA_DIR: text.default('./data'),
};

function isPostgresUrl(value: string): boolean {
  return URL.canParse(value) && /^postgres(?:ql)?:$/.test(new URL(value).protocol);
}
