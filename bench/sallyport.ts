import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './ask.ts';
import type { Later } from './cleanUp.ts';
import { createPostgresDatabase, postgresUrl } from './postgres.ts';
import type { Program } from './program.ts';
import { startServer } from './server.ts';

export const onEmbedded = 'Sallyport, embedded';
export const onPostgres = 'Sallyport, on Postgres';

/** The program as it is shipped, without what `npm start` does before it in a checkout. */
export const sallyportProgram: Program = ['dist/main.js', '--config', 'dist/sallyport.config.js'];

export interface Sallyport {
  readonly name: string;
  readonly url: string;
  /** Null on the embedded database. */
  readonly databaseUrl: string | null;
}

/** Starts Sallyport on an empty embedded database and, where a Postgres is named, on an empty database there too. */
export async function startSallyports(
  later: Later,
  environment: Readonly<Record<string, string>> = {},
): Promise<Sallyport[]> {
  const embedded = {
    name: onEmbedded,
    url: await startSallyport(later, environment),
    databaseUrl: null,
  };
  if (postgresUrl === null) return [embedded];
  const DATABASE_URL = await createPostgresDatabase(postgresUrl, later);
  const url = await startSallyport(later, { ...environment, DATABASE_URL });
  return [embedded, { name: onPostgres, url, databaseUrl: DATABASE_URL }];
}

/** Starts Sallyport, on a database of its own unless the environment names one. */
export async function startSallyport(
  later: Later,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const DATA_DIR = await makeDirectory(later);
  return await startServer(
    sallyportProgram,
    sallyportSettings({ DATA_DIR, ...environment }),
    later,
  );
}

/** What each Sallyport is told here. */
export function sallyportSettings(
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const JWT_SECRET_KEY = randomBytes(48).toString('base64');
  return { JWT_SECRET_KEY, LOG_LEVEL: 'warn', ...environment };
}

/** Makes a directory that is removed later. */
export async function makeDirectory(later: Later): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-bench-'));
  later(() => rm(directory, { recursive: true }));
  return directory;
}

export interface Account {
  readonly username: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Makes an account and signs it in. */
export async function register(url: string): Promise<Account> {
  const variables = { username: `user-${randomUUID()}`, password: randomUUID() };
  const text = await ask(url, {
    query: `mutation ($username: String!, $password: String!) {
      register(username: $username, password: $password) { accessToken refreshToken }
    }`,
    variables,
  });
  return { ...variables, ...JSON.parse(text).data.register };
}
