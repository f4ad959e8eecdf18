import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Benchmark } from './compare.ts';
import { chain, connections } from './load.ts';
import { startPgbench } from './pgbench.ts';
import { postgresUrl } from './postgres.ts';
import { type Account, register, startSallyports } from './sallyport.ts';

/** What a refresh costs besides its one statement. Needs a Postgres, and its pgbench. */
export async function refreshes(): Promise<Benchmark[]> {
  const hasPgbench = await promisify(execFile)('pgbench', ['--version']).catch(() => null);
  if (postgresUrl !== null && hasPgbench) return [refreshesOnPostgres];
  console.log('Refreshes are not measured: that needs TEST_DATABASE_URL and pgbench.\n');
  return [];
}

const refreshesOnPostgres: Benchmark = {
  title:
    '`refresh` on Postgres: Sallyport, against pgbench that runs the same one statement on as many connections',
  async start(later) {
    const sallyports = await startSallyports(later, { RATE_LIMIT_REGISTER: '0' });
    const { url, databaseUrl } = sallyports.at(-1) ?? { url: '', databaseUrl: null };
    if (databaseUrl === null) throw new Error('There is no Postgres to measure refreshes on.');
    const accounts: Account[] = [];
    while (accounts.length < connections) accounts.push(await register(url));
    await liftLimit(databaseUrl);
    return [
      { name: 'pgbench', load: await startPgbench(databaseUrl, later) },
      {
        name: 'Sallyport',
        load: chain(url, (connection, lastAnswer) =>
          toRefresh(
            lastAnswer === null
              ? accounts[connection]?.refreshToken
              : JSON.parse(lastAnswer).data.refresh.refreshToken,
          ),
        ),
      },
    ];
  },
};

// A session has 300 refreshes in five minutes, and a run needs as many as it can have.
async function liftLimit(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('update sessions set refreshes_since = now(), refresh_count = -1000000000');
  await client.end();
}

function toRefresh(token: string | undefined) {
  const query =
    'mutation ($token: String) { refresh(refreshToken: $token) { accessToken refreshToken } }';
  return { query, variables: { token } };
}
