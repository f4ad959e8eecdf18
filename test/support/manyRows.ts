import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../src/database/database.ts';

// Rows as the service makes them, of users who are numbered. A tenth of the sessions has ended; little is due to go.
const fillings: ((count: number) => SQL)[] = [
  (count) => sql`insert into users (username, password_hash, is_admin, created_at)
    select 'many-' || n, '-', n % 1000 = 0, now() from generate_series(1, ${count}::int) as n`,
  (
    count,
  ) => sql`insert into sessions (user_id, seed, rotated_at, authenticated_at, created_at, last_used_at,
      idle_expires_at, expires_at, ended_at, end_reason, ip)
    select users.id, sha256(int8send(n)), at, at, at, at, at + interval '14 days', at + interval '30 days',
      case when n % 10 = 0 then at end, case when n % 10 = 0 then 'logout' end, '192.0.2.1'
    from generate_series(1, ${count}::int) as n
    join users on username = 'many-' || (n % (${count}::int / 10) + 1),
    lateral (select now() - n % 1000 * interval '9 minutes' as at) as times`,
  (count) => sql`insert into audit_events (at, event, actor_id, user_id, session_id, ip, burst)
    select created_at, 'SIGN_IN', user_id, user_id, id, ip, case when random() < 0.1 then id::text end
    from sessions order by created_at limit ${count}::int`,
  (count) => sql`insert into api_tokens (user_id, hash, name, created_at, expires_at)
    select id, sha256(username::bytea), 'many', now(), now() + interval '30 days'
    from users limit ${count}::int`,
  (count) => sql`insert into known_networks (user_id, network, entered_at)
    select id, '198.51.100.0/24', now() - random() * interval '80 days' from users limit ${count}::int`,
  (count) => sql`insert into guesses (key, account, user_id, failures, steps, last_at)
    select username || place, username || 'account', case when place = 'account' then id end, 1, 1,
      now() - random() * interval '80 days'
    from users, unnest(array['account', 'network']) as place limit ${count}::int`,
  (count) => sql`insert into rate_limits (key, points, expire)
    select 'sign-in:' || n, 1, now() + random() * interval '1 hour'
    from generate_series(1, ${count}::int) as n`,
];

/** Fills each table of the service with as many rows, and has the database look at how they are spread. */
export async function fillTables(database: Database, count: number): Promise<void> {
  for (const fill of fillings) await database.execute(fill(count));
  await database.execute(sql`analyze`);
}

/** Adds sessions of one user that have ended, as who signs in every minute leaves them behind. */
export async function addEndedSessions(
  database: Database,
  userId: string,
  count: number,
): Promise<void> {
  await database.execute(sql`insert into sessions (user_id, seed, rotated_at, authenticated_at, created_at,
      last_used_at, idle_expires_at, expires_at, ended_at, end_reason, ip)
    select ${userId}::uuid, sha256(int8send(n)), at, at, at, at, at + interval '14 days', at + interval '30 days',
      at, 'limit', '192.0.2.1'
    from generate_series(1, ${count}::int) as n, (select now() as at) as times`);
  await database.execute(sql`analyze sessions`);
}
