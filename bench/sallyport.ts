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
}

/** Starts Sallyport on an empty embedded database and, where a Postgres is named, on an empty database there too. */
export async function startSallyports(
  later: Later,
  environment: Readonly<Record<string, string>> = {},
): Promise<Sallyport[]> {
  const embedded = {
    database: 'the embedded database',
    url: await startSallyport(later, environment),
  };
  if (postgresUrl === null) return [embedded];
  const DATABASE_URL = await createPostgresDatabase(postgresUrl, later);
  const url = await startSallyport(later, { ...environment, DATABASE_URL });
  return [embedded, { database: 'Postgres', url }];
}

async function startSallyport(
  later: Later,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sallyport-bench-'));
  later(() => rm(dataDir, { recursive: true }));
  return await startServer(
    'src/main.ts',
    {
      DATA_DIR: dataDir,
      JWT_SECRET_KEY: randomBytes(48).toString('base64'),
      LOG_LEVEL: 'warn',
      ...environment,
    },
    later,
  );
}

/** Makes an account and signs it in. */
export async function register(
  url: string,
): Promise<{ accessToken: string; refreshToken: string }> {
  const text = await ask(url, {
    query: `mutation ($username: String!, $password: String!) {
      register(username: $username, password: $password) { accessToken refreshToken }
    }`,
    variables: { username: `user-${randomUUID()}`, password: randomUUID() },
  });
  return JSON.parse(text).data.register;
}
