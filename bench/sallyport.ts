import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './ask.ts';
import type { Later } from './cleanUp.ts';
import { createPostgresDatabase, postgresUrl } from './postgres.ts';
import { startServer } from './server.ts';

export interface Sallyport {
  /** What it runs on. */
  readonly database: string;
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
    database: 'the embedded database',
    url: await startSallyport(later, environment),
    databaseUrl: null,
  };
  if (postgresUrl === null) return [embedded];
  const DATABASE_URL = await createPostgresDatabase(postgresUrl, later);
  const url = await startSallyport(later, { ...environment, DATABASE_URL });
  return [embedded, { database: 'Postgres', url, databaseUrl: DATABASE_URL }];
}

async function startSallyport(
  later: Later,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sallyport-bench-'));
  later(() => rm(dataDir, { recursive: true }));
  return await startServer(
    'dist/main.js',
    {
      DATA_DIR: dataDir,
      JWT_SECRET_KEY: randomBytes(48).toString('base64'),
      LOG_LEVEL: 'warn',
      ...environment,
    },
    later,
  );
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
