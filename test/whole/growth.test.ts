import { type Query, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { removeExpired } from '../../src/housekeeping.ts';
import { type Account, login, refresh, register, succeeded } from '../support/account.ts';
import { password, startApp, stoppedClock, type TestApp } from '../support/app.ts';
import { addEndedSessions, fillTables } from '../support/manyRows.ts';
import { recordStatements } from '../support/sentStatements.ts';

// From so many rows on, Postgres prefers an index where there is one that helps.
const manyRows = 20_000;

let app: TestApp;
let sent: Query[];
let account: Account;
let other: Account;
beforeAll(async () => {
  app = await startApp({
    environment: { RATE_LIMIT_SIGN_IN: '1000', RATE_LIMIT_REGISTER: '1000' },
    // The rows are as old as the database thinks.
    clock: Object.assign(stoppedClock(), { now: new Date() }),
  });
  await fillTables(app.database, manyRows);
  sent = recordStatements(app.database);
  account = await register(app, { admin: true });
  other = await register(app);
  await addEndedSessions(app.database, other.userId, manyRows / 4);
}, 120_000);
afterAll(() => app.close());

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: PlanNode[];
}

/** The tables that the database would read from one end to the other to run a statement. */
async function tablesReadWhole(database: Database, { sql, params }: Query): Promise<string[]> {
  const { $client } = database as unknown as {
    $client: {
      query(text: string, params: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
    };
  };
  const { rows } = await $client.query(`explain (format json) ${sql}`, params);
  const told = rows[0]?.['QUERY PLAN'];
  const [{ Plan }] = typeof told === 'string' ? JSON.parse(told) : told;
  const nodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
  return nodes(Plan)
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? '');
}

/** Does something, and returns the statements by which it reads a table from one end to the other. */
async function readingWhole(act: () => Promise<unknown>): Promise<Record<string, string[]>> {
  sent.length = 0;
  await act();
  const statements = sent.filter((one) => !/^(?:begin|commit|rollback)$/.test(one.sql));
  expect(statements).not.toEqual([]);
  const found: Record<string, string[]> = {};
  for (const statement of statements) {
    const tables = await tablesReadWhole(app.database, statement);
    if (tables.length > 0) found[statement.sql] = tables;
  }
  return found;
}

const ask = async (query: string, variables = {}) =>
  succeeded(await app.ask(query, { token: account.accessToken, variables }));
const another = async () => await login(app, account.username);
const withToken = async (query: string, token: string) =>
  succeeded(await app.ask(query, { token, variables: {} }));

const page = 'edges { cursor } pageInfo { endCursor hasNextPage }';
const operations: Record<string, () => Promise<unknown>> = {
  register: () => register(app),
  login: another,
  'login with a wrong password': () =>
    app.ask(
      `mutation { login(username: "${account.username}", password: "wrong words") { fresh } }`,
    ),
  'login of a name that nobody has': () =>
    app.ask('mutation { login(username: "nobody", password: "wrong words") { fresh } }'),
  'login from a device': () =>
    ask(`mutation { login(username: "${account.username}", password: "${password}") { fresh } }`),
  'login beyond 50 sessions': async () => {
    for (let count = 0; count <= 50; count++) await login(app, other.username);
  },
  freshLogin: () => ask(`mutation { freshLogin(password: "${password}") { fresh } }`),
  refresh: async () => refresh(app, (await another()).refreshToken),
  me: () => ask('{ me { id username } }'),
  'a session that does not exist': () =>
    ask('mutation { endSession(id: "00000000-0000-4000-8000-000000000000") }').catch(() => {}),
  sessions: () => ask('{ sessions { id device current } }'),
  'the second part of sessions': async () => {
    const [first] = (await ask('{ sessions(first: 1) { id } }')).sessions;
    await ask('query ($after: ID) { sessions(first: 10, after: $after) { id } }', {
      after: first.id,
    });
  },
  endSession: async () => {
    await another();
    const { sessions } = await ask('{ sessions { id current } }');
    const { id } = sessions.find(({ current }: { current: boolean }) => !current);
    await ask('mutation ($id: ID!) { endSession(id: $id) }', { id });
  },
  logout: async () => withToken('mutation { logout }', (await another()).accessToken),
  users: () => ask(`{ users { ${page} } }`),
  'the second page of users': async () => {
    const { users } = await ask(`{ users { ${page} } }`);
    await ask(`query ($after: String) { users(after: $after) { ${page} } }`, {
      after: users.pageInfo.endCursor,
    });
  },
  auditLog: () => ask(`{ auditLog { ${page} } }`),
  'the second page of auditLog': async () => {
    const { auditLog } = await ask(`{ auditLog { ${page} } }`);
    await ask(`query ($after: String) { auditLog(after: $after) { ${page} } }`, {
      after: auditLog.pageInfo.endCursor,
    });
  },
  'auditLog of a user': () =>
    ask(`query ($id: ID) { auditLog(userId: $id) { ${page} } }`, { id: other.userId }),
  securityEvents: () => ask(`{ me { securityEvents { ${page} } } }`),
  apiTokens: async () => {
    const { token } = (await ask('mutation { createApiToken(name: "x") { token } }'))
      .createApiToken;
    await withToken('{ me { id } }', token);
    const [first] = (await ask('{ apiTokens { id } }')).apiTokens;
    await ask('query ($after: ID) { apiTokens(after: $after) { id } }', { after: first.id });
    await ask('mutation ($id: ID!) { revokeApiToken(id: $id) }', { id: first.id });
  },
  setUserActive: async () => {
    for (const active of [false, true]) {
      await ask(`mutation ($id: ID!) { setUserActive(id: $id, active: ${active}) { id } }`, {
        id: other.userId,
      });
    }
  },
  setUserAdmin: async () => {
    for (const admin of [true, false]) {
      await ask(`mutation ($id: ID!) { setUserAdmin(id: $id, admin: ${admin}) { id } }`, {
        id: other.userId,
      });
    }
  },
  endUserSessions: () =>
    ask('mutation ($id: ID!) { endUserSessions(id: $id) }', { id: other.userId }),
  changePassword: async () => {
    const { accessToken } = await register(app);
    const change = `changePassword(newPassword: "${password}, again", endApiTokens: true) { fresh }`;
    await withToken(`mutation { ${change} }`, accessToken);
  },
  logoutEverywhere: async () => {
    const { accessToken } = await register(app);
    await withToken('mutation { logoutEverywhere }', accessToken);
  },
  deleteAccount: async () => {
    const { accessToken } = await register(app);
    await withToken('mutation { deleteAccount }', accessToken);
  },
  housekeeping: () => removeExpired(app.database, app.clock.now, 400),
};

describe(`with ${manyRows} rows in each table, none is read whole by`, () => {
  test.each(Object.entries(operations))('%s', async (_name, act) => {
    expect(await readingWhole(act)).toEqual({});
  });
});

test('this test detects that a table without its indexes is read whole', async () => {
  await app.database.execute(sql`drop index sessions_user_id_index, sessions_live_index`);
  const found = await readingWhole(() => ask('{ sessions { id } }'));
  await app.database.execute(sql`create index sessions_user_id_index on sessions (user_id)`);
  await app.database.execute(
    sql`create index sessions_live_index on sessions (user_id) where ended_at is null`,
  );
  expect(Object.values(found)).toEqual([['sessions']]);
});
