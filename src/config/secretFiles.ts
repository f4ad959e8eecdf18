import { readFileSync } from 'node:fs';

/** The variables that can be in a file. */
export const secrets = [
  'DATABASE_URL',
  'JWT_SECRET_KEY',
  'JWT_SECRET_KEY_PREVIOUS',
  'JWT_SECRET_KEY_NEXT',
  'JWT_PRIVATE_KEY',
  'JWT_PRIVATE_KEY_PREVIOUS',
  'JWT_PRIVATE_KEY_NEXT',
  'ADMIN_PASSWORD',
];

/** Whether a secret stands in a file, which can change while the server runs, as the environment cannot. */
export function hasSecretFile(variables: Readonly<Record<string, string | undefined>>): boolean {
  return secrets.some((name) => variables[`${name}_FILE`] !== undefined);
}

/**
 * Puts in the place of each `NAME_FILE` what its file holds as `NAME`, without one line break at the end. An empty file
 * stands for a previous or next key that is not there. `unreadable` has the secrets that could not be had.
 */
export function readSecretFiles(given: Readonly<Record<string, string | undefined>>): {
  variables: Record<string, string | undefined>;
  problems: string[];
  unreadable: string[];
} {
  const variables = { ...given };
  const problems: string[] = [];
  const unreadable: string[] = [];
  for (const name of secrets) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    delete variables[`${name}_FILE`];
    if (given[name] !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set.`);
      unreadable.push(name);
      continue;
    }
    try {
      const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      const isNone = content === '' && /_(?:PREVIOUS|NEXT)$/.test(name);
      if (!isNone) variables[name] = content;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problems.push(`${name}_FILE names a file that cannot be read (${code ?? 'unknown'}).`);
      unreadable.push(name);
    }
  }
  return { variables, problems, unreadable };
}
