import pg from 'pg';

/** Runs statements on the server that TEST_DATABASE_URL names. */
export async function runOnServer(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrlOf(null) });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The URL of another database on that server; null means the one that is named. */
export function databaseUrlOf(name: string | null): string {
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  if (name !== null) url.pathname = `/${name}`;
  return url.href;
}
