import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Later } from './cleanUp.ts';
import type { Benchmark } from './compare.ts';
import { chain, type Load, repeat } from './load.ts';
import { startPgbench } from './pgbench.ts';
import { postgresUrl } from './postgres.ts';
import { type Account, register, startSallyports } from './sallyport.ts';

const connections = 10;
const pgbench = 'pgbench';
const query = '{ me { id username } }';

/** What a refresh costs besides its one statement, and beside a request that changes nothing. Needs a Postgres. */
export async function refreshes(): Promise<Benchmark[]> {
  if (postgresUrl === null) {
    console.log('Refreshes are not measured: that needs TEST_DATABASE_URL.\n');
    return [];
  }
  const hasPgbench = await promisify(execFile)(pgbench, ['--version']).catch(() => null);
  if (hasPgbench) return [againstMe, againstPgbench];
  console.log('There is no pgbench, to which refreshes could be compared.\n');
  return [againstMe];
}

const againstMe: Benchmark = {
  title: '`refresh` on Postgres, 10 connections, against `{ me { id username } }`',
  async start(later) {
    const { url, accounts } = await startSallyport(later);
    const token = accounts[0]?.accessToken ?? '';
    return [
      { name: '`me`', load: repeat(url, { query, token }, connections) },
      { name: '`refresh`', load: refreshOnAndOn(url, accounts) },
    ];
  },
  goals: [
    {
      work: '`refresh` / `me`, Postgres',
      bound: 'at least',
      goal: 0.5,
      of: '`refresh`',
      to: '`me`',
    },
  ],
};

const againstPgbench: Benchmark = {
  title:
    '`refresh` on Postgres: Sallyport, against pgbench that runs the same one statement on as many connections',
  async start(later) {
    const { url, databaseUrl, accounts } = await startSallyport(later);
    return [
      { name: pgbench, load: await startPgbench(databaseUrl, connections, later) },
      { name: 'Sallyport', load: refreshOnAndOn(url, accounts) },
    ];
  },
};

async function startSallyport(later: Later) {
  const sallyports = await startSallyports(later, { RATE_LIMIT_REGISTER: '0' });
  const { url, databaseUrl } = sallyports.at(-1) ?? { url: '', databaseUrl: null };
  if (databaseUrl === null) throw new Error('There is no Postgres to measure refreshes on.');
  const accounts: Account[] = [];
  while (accounts.length < connections) accounts.push(await register(url));
  await liftLimit(databaseUrl);
  return { url, databaseUrl, accounts };
}

function refreshOnAndOn(url: string, accounts: readonly Account[]): Load {
  const next = (connection: number, lastAnswer: string | null) =>
    toRefresh(
      lastAnswer === null
        ? accounts[connection]?.refreshToken
        : JSON.parse(lastAnswer).data.refresh.refreshToken,
    );
  return chain(url, next, connections);
}

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
