import { createHash, randomBytes } from 'node:crypto';
import { createTokens, type Tokens, toSeconds } from '@sallyport/guards';
import pg from 'pg';
import { loadConfig } from '../src/config/config.ts';
import { createServerKeys } from '../src/serverKeys.ts';
import type { Later } from './cleanUp.ts';
import type { Benchmark, ComparedGoal } from './compare.ts';
import { chain, type Load } from './load.ts';
import { createPostgresDatabase, postgresUrl } from './postgres.ts';
import { startSallyport } from './sallyport.ts';

const connections = 10;
// So many sessions of each server are used, in turn: none is asked for again within ten seconds, and each rotates.
const usedSessions = 10_000;
const few = { sessions: 10_000, users: 1_000 };
const many = { sessions: 3_000_000, users: 300_000 };

/** What a look-up and a refresh cost among millions of sessions, against ten thousand. Fills Postgres for minutes. */
export function growth(): Benchmark[] {
  if (postgresUrl !== null) return [manyAgainstFew(postgresUrl)];
  console.log('Growth is not measured: that needs TEST_DATABASE_URL.\n');
  return [];
}

function manyAgainstFew(serverUrl: string): Benchmark {
  const names = (work: string) => [few, many].map((size) => `\`${work}\`, ${nameOf(size)}`);
  const goal = (work: string): ComparedGoal => {
    const [to = '', of = ''] = names(work);
    return { work: `${of} / as many as 10,000`, bound: 'at least', goal: 0.9, of, to };
  };
  return {
    title: `Each request with another of ${usedSessions} sessions, on Postgres`,
    async start(later) {
      const [small, large] = [
        await startFilled(serverUrl, few, later),
        await startFilled(serverUrl, many, later),
      ];
      const [meOfFew = '', meOfMany = ''] = names('me');
      const [refreshOfFew = '', refreshOfMany = ''] = names('refresh');
      return [
        { name: meOfFew, load: small.me },
        { name: meOfMany, load: large.me },
        { name: refreshOfFew, load: small.refresh },
        { name: refreshOfMany, load: large.refresh },
      ];
    },
    goals: [goal('me'), goal('refresh')],
  };
}

type Size = typeof few;

function nameOf({ sessions, users }: Size): string {
  const [ofSessions, ofUsers] = [sessions, users].map((count) => count.toLocaleString('en'));
  return `${ofSessions} sessions of ${ofUsers} users`;
}

async function startFilled(serverUrl: string, size: Size, later: Later) {
  const JWT_SECRET_KEY = randomBytes(48).toString('base64');
  const DATABASE_URL = await createPostgresDatabase(serverUrl, later);
  const url = await startSallyport(later, { JWT_SECRET_KEY, DATABASE_URL });
  const sessions = await fill(DATABASE_URL, size);
  const tokens = tokensOf(JWT_SECRET_KEY);
  const access = sessions.map((session) => toAccessToken(tokens, session));
  const refresh = new Map(
    sessions.map((session) => [session.id, toRefreshToken(tokens, session)] as const),
  );
  return { me: lookUpInTurn(url, access), refresh: refreshInTurn(url, refresh) };
}

interface Session {
  readonly id: string;
  readonly userId: string;
  readonly seed: Buffer;
  readonly at: Date;
}

async function fill(connectionString: string, { sessions, users }: Size): Promise<Session[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(
      `insert into users (id, username, password_hash, created_at)
       select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'user-' || n, '-', now()
       from generate_series(1, $1::int) as n`,
      [users],
    );
    // In an order of their own, so that the sessions of a user lie apart, as they do where people sign in over months.
    await client.query(
      `insert into sessions (user_id, seed, rotated_at, authenticated_at, created_at, last_used_at,
         idle_expires_at, expires_at, ip)
       select ('00000000-0000-4000-8000-' || lpad((n % $2::int + 1)::text, 12, '0'))::uuid,
         decode(md5(n::text), 'hex'), at, at, at, at, at + interval '14 days', at + interval '30 days',
         '192.0.2.1'
       from generate_series(1, $1::int) as n,
         (select date_trunc('second', now()) - interval '1 minute' as at) as times`,
      [sessions, users],
    );
    await client.query('vacuum analyze');
    const { rows } = await client.query<Session>(
      `select id, user_id as "userId", seed, rotated_at as at from sessions order by random() limit $1`,
      [usedSessions],
    );
    return rows;
  } finally {
    await client.end();
  }
}

function tokensOf(secretKey: string): Tokens {
  const config = loadConfig({ JWT_SECRET_KEY: secretKey });
  const { issuer, audience, leewaySeconds, ...life } = config.jwt;
  return createTokens({
    keys: createServerKeys(config, secretKey).ring,
    issuer,
    audience,
    leewaySeconds,
    lifeSeconds: {
      access: life.accessTokenExpiresInSeconds,
      refresh: life.refreshIdleExpiresInSeconds,
    },
  });
}

function toAccessToken(tokens: Tokens, { id, userId, at }: Session): string {
  const iat = toSeconds(new Date());
  const claims = { sub: userId, sid: id, gen: 1, iat, exp: iat + 900 };
  return tokens.signAccess({ ...claims, auth_time: toSeconds(at), fresh: false }, {});
}

function toRefreshToken(tokens: Tokens, { id, userId, seed, at }: Session): string {
  const generation = Buffer.alloc(8);
  generation.writeBigInt64BE(1n);
  const jti = createHash('sha256').update(seed).update(generation).digest('hex').slice(0, 32);
  const iat = toSeconds(at);
  return tokens.signRefresh({ sub: userId, sid: id, gen: 1, jti, iat, exp: iat + 86_400 });
}

// The requests of all connections take the sessions one after the other.
function inTurn<Value>(values: readonly Value[]): () => Value {
  let place = 0;
  return () => values[place++ % values.length] as Value;
}

function lookUpInTurn(url: string, tokens: readonly string[]): Load {
  const nextToken = inTurn(tokens);
  const query = '{ me { id username } }';
  return chain(url, () => ({ query, token: nextToken() }), connections);
}

function refreshInTurn(url: string, tokens: Map<string, string>): Load {
  const nextSession = inTurn([...tokens.keys()]);
  const query = 'mutation ($token: String) { refresh(refreshToken: $token) { refreshToken } }';
  const next = (_connection: number, lastAnswer: string | null) => {
    if (lastAnswer !== null) {
      const { refreshToken } = JSON.parse(lastAnswer).data.refresh;
      tokens.set(sessionOf(refreshToken), refreshToken);
    }
    return { query, variables: { token: tokens.get(nextSession()) } };
  };
  return chain(url, next, connections);
}

function sessionOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid;
}
