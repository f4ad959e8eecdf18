import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Placeholder } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { refreshStatement } from '../src/session/refresh.ts';
import type { Later } from './cleanUp.ts';
import type { Load } from './load.ts';

// One session for each connection of pgbench, with an id that pgbench can make of the connection's number.
const sessionId = `('00000000-0000-4000-8000-' || lpad((:client_id)::text, 12, '0'))::uuid`;
const userId = '00000000-0000-4000-8000-000000000000';

// What Sallyport gives with each refresh, as pgbench has it: SQL for the times, and the columns of the row that the
// refresh before gave, of which the last, the id of the next refresh token, has the name of its function.
const given: Readonly<Record<string, string>> = {
  sid: sessionId,
  sub: `'${userId}'`,
  jti: ':left',
  gen: ':generation',
  now: 'now()',
  raceSince: `(now() - interval '30 seconds')`,
  lostSince: `(now() - interval '1 day')`,
  idleExpiry: `(now() + interval '14 days')`,
};

/** Measures pgbench, which sends the statement of a refresh, and takes from each row what the next one needs. */
export async function startPgbench(
  databaseUrl: string,
  connections: number,
  later: Later,
): Promise<Load> {
  const pool = new pg.Pool({ connectionString: databaseUrl });
  later(() => pool.end());
  await pool.query(
    `insert into users (id, username, password_hash, created_at) values ($1, 'pgbench', '-', now())`,
    [userId],
  );
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-pgbench-'));
  later(() => rm(directory, { recursive: true }));
  const script = join(directory, 'refresh.sql');
  await writeFile(script, `${toPgbench(refreshStatement(drizzle(pool)).getQuery())} \\gset\n`);
  return async (seconds) => {
    const tokenId = await makeSessions(pool, connections);
    const options = ['-n', '-M', 'prepared', '-c', `${connections}`, '-j', '2', '-T', `${seconds}`];
    const { stdout } = await promisify(execFile)('pgbench', [
      ...options,
      ...['-D', 'generation=1', '-D', `left=${tokenId}`, '-f', script, databaseUrl],
    ]);
    const requestsPerSecond = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
    const average = Number(/latency average = ([\d.]+)/.exec(stdout)?.[1]);
    return { requestsPerSecond, processorMicroseconds: null, milliseconds: [average] };
  };
}

// All sessions have the same seed, so that the first refresh token has the same id in each.
async function makeSessions(pool: pg.Pool, connections: number): Promise<string> {
  await pool.query(`delete from sessions where user_id = $1`, [userId]);
  await pool.query(
    // Far below nothing, so that none of a run is refused for being one too many.
    `insert into sessions (id, user_id, seed, rotated_at, authenticated_at, created_at, last_used_at,
       idle_expires_at, expires_at, ip, refreshes_since, refresh_count)
     select ('00000000-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid, $1, decode(repeat('00', 16), 'hex'),
       now(), now(), now(), now(), now() + interval '14 days', now() + interval '30 days', '127.0.0.1',
       now(), -1000000000
     from generate_series(0, $2 - 1) as number`,
    [userId, connections],
  );
  const { rows } = await pool.query(
    `select left(encode(sha256(seed || int8send(generation::bigint)), 'hex'), 32) as jti
     from sessions where user_id = $1 limit 1`,
    [userId],
  );
  return rows[0].jti;
}

function toPgbench({ sql, params }: { sql: string; params: unknown[] }): string {
  return sql.replaceAll(/\$(\d+)/g, (_parameter, number: string) => {
    const value = params[Number(number) - 1];
    return value instanceof Placeholder ? (given[value.name] ?? '') : String(value);
  });
}
