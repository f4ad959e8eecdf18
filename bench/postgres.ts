import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Later } from './cleanUp.ts';

/** The Postgres to measure on, as a user who may create databases; null when there is none. */
export const postgresUrl = process.env['TEST_DATABASE_URL'] ?? process.env['DATABASE_URL'] ?? null;

/** Creates an empty database beside the named one, drops it later, and returns its URL. */
export async function createPostgresDatabase(serverUrl: string, later: Later): Promise<string> {
  const name = `sallyport_bench_${randomUUID().replaceAll('-', '')}`;
  await runStatement(serverUrl, `create database ${name}`);
  later(() => runStatement(serverUrl, `drop database ${name} with (force)`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function runStatement(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
