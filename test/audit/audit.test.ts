import { randomUUID } from 'node:crypto';
import { asc, desc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditEvents } from '../../src/audit/table.ts';
import {
  type Account,
  login,
  type Pair,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { idOf, scenarios, sessionOf } from './scenarios.ts';

const requestHeaders = { 'user-agent': 'test/1', 'x-forwarded-for': '203.0.113.7' };

let app: TestApp;
let admin: Account;
/** Everything that the server issued that opens something. */
const secrets = new Set<string>();
beforeAll(async () => {
  const started = await startApp({
    environment: { TRUST_PROXY: '127.0.0.1', RATE_LIMIT_ACCOUNT: '0' },
  });
  app = {
    ...started,
    async ask(query, ask) {
      const answer = await started.ask(query, { ...ask, headers: requestHeaders });
      const given = JSON.stringify(answer.data).matchAll(/"(?:access|refresh)?token":"([^"]+)"/gi);
      for (const [, token = ''] of given) secrets.add(token);
      return answer;
    },
  };
  admin = await register(app, { admin: true });
});
afterAll(() => app.close());

interface LogLine {
  readonly msg: string;
  readonly audit?: { readonly event: string };
}

const lines = (): LogLine[] => app.logLines.map((line) => JSON.parse(line));
const rows = () => app.database.select().from(auditEvents).orderBy(asc(auditEvents.id));

/** One after the other, sessions of one user by their ids: which of them ends first is nobody's business. */
const inOrder = <Row extends { event: string; sessionId?: string | null }>(list: readonly Row[]) =>
  list.toSorted((a, b) => `${a.event} ${a.sessionId}`.localeCompare(`${b.event} ${b.sessionId}`));

describe('the audit log and the server’s log have an entry, with actor, user, place and reason, for', () => {
  async function expectWrittenDown(event: string, act: () => Promise<object>) {
    const before = (await rows()).length;
    app.logLines.length = 0;
    const entries = [await act()].flat();
    const expected = entries.map((entry) => ({
      event,
      actorId: null,
      userId: null,
      sessionId: null,
      ip: '203.0.113.7',
      device: null,
      userAgent: 'test/1',
      reason: null,
      issuer: null,
      count: 1,
      burst: null,
      ...entry,
    }));
    const added = (await rows()).slice(before).map(({ id, at, ...row }) => {
      expect([typeof id, at]).toEqual(['bigint', app.clock.now]);
      return row;
    });
    expect(inOrder(added)).toEqual(inOrder(expected));
    const audited = lines().flatMap(({ msg, audit }) => (msg === 'audit' && audit ? [audit] : []));
    const logged = expected.map(({ count: _count, burst: _burst, ...line }) => line);
    expect(inOrder(audited)).toEqual(inOrder(logged));
  }

  test.each(scenarios)('%s: %s', async (event, _what, act) => {
    const account = await register(app);
    const cast = { app, admin, account, other: await login(app, account.username) };
    app.clock.advance(1);
    await expectWrittenDown(event, () => act(cast));
  });

  test('API_TOKEN_REVOKED: an API token that is revoked', async () => {
    const account = await register(app);
    const made = await app.ask('mutation { createApiToken(name: "x") { apiToken { id } } }', {
      token: account.accessToken,
    });
    const { id } = made.data.createApiToken.apiToken;
    await expectWrittenDown('API_TOKEN_REVOKED', async () => {
      const revocation = `mutation { revokeApiToken(id: "${id}") }`;
      await app.ask(revocation, { token: account.accessToken });
      await app.ask(revocation, { token: account.accessToken });
      return { actorId: idOf(account), userId: idOf(account), reason: id };
    });
  });

  test('every type of event in the schema', async () => {
    const answer = await app.ask('{ __type(name: "AuditEventType") { enumValues { name } } }');
    const names = answer.data.__type.enumValues.map(({ name }: { name: string }) => name);
    const shown = [...scenarios.map(([event]) => event), 'API_TOKEN_REVOKED', 'SIGN_IN_THROTTLED'];
    expect(names.toSorted()).toEqual([...new Set(shown)].toSorted());
  });

  test('no change that was refused or rolled back', async () => {
    await app.database.execute(sql`update users set is_admin = (id = ${idOf(admin)})`);
    const before = (await rows()).length;
    for (const field of [
      'deleteAccount',
      `setUserAdmin(id: "${idOf(admin)}", admin: false) { id }`,
      `setUserActive(id: "${randomUUID()}", active: false) { id }`,
      `endSession(id: "${randomUUID()}")`,
      'changePassword(newPassword: "short") { fresh }',
    ]) {
      const answer = await app.ask(`mutation { ${field} }`, { token: admin.accessToken });
      expect(answer.errors).toHaveLength(1);
    }
    expect(await rows()).toHaveLength(before);
  });
});

const eventFields = 'id event at actorId userId sessionId ip device userAgent reason issuer count';

async function readLog(token: string, args: string) {
  const answer = await app.ask(
    `{ auditLog(${args}) { edges { cursor node { ${eventFields} } } pageInfo { hasNextPage endCursor } } }`,
    { token },
  );
  return answer;
}

describe('auditLog', () => {
  test('returns every entry to administrators as it was written, newest first, in pages', async () => {
    const all = await app.database.select().from(auditEvents).orderBy(desc(auditEvents.id));
    const read = [];
    let after = '';
    for (let hasNextPage = true; hasNextPage; ) {
      const page = succeeded(await readLog(admin.accessToken, `first: 7${after}`)).auditLog;
      read.push(...page.edges.map(({ node }: { node: object }) => node));
      hasNextPage = page.pageInfo.hasNextPage;
      after = `, after: "${page.pageInfo.endCursor}"`;
    }
    expect(all.length).toBeGreaterThan(50);
    expect(read).toEqual(
      all.map(({ burst: _burst, ...row }) => ({
        ...row,
        id: String(row.id),
        at: row.at.toISOString(),
      })),
    );
  });

  test('returns the events of one user, by any actor', async () => {
    const account = await register(app);
    await app.ask(`mutation { setUserActive(id: "${idOf(account)}", active: false) { id } }`, {
      token: admin.accessToken,
    });
    await app.ask(`mutation { login(username: "${account.username}", password: "x") { fresh } }`);
    const answer = await readLog(admin.accessToken, `userId: "${idOf(account)}"`);
    const nodes = succeeded(answer).auditLog.edges.map(
      ({ node }: { node: { event: string; actorId: string } }) => [node.event, node.actorId],
    );
    expect(nodes).toEqual([
      ['SIGN_IN_FAILED', null],
      ['SESSION_ENDED', idOf(admin)],
      ['USER_DISABLED', idOf(admin)],
      ['REGISTERED', idOf(account)],
    ]);
  });

  test('is empty for a user without events, and an error for an id that no user can have', async () => {
    const answer = await readLog(admin.accessToken, `userId: "${randomUUID()}"`);
    expect(succeeded(answer).auditLog.edges).toEqual([]);
    expect(failure(await readLog(admin.accessToken, 'userId: "x"'))).toEqual({
      code: 'NOT_FOUND',
      message: 'User not found.',
    });
  });

  test.each([
    ['first: 0', undefined],
    ['first: 100', undefined],
    ['first: -1', 'first'],
    ['first: 101', 'first'],
    ['after: ""', 'after'],
    ['after: "AA"', 'after'],
    [`after: "${Buffer.from('9'.repeat(19)).toString('base64url')}"`, 'after'],
  ])('with %s', async (args, argument) => {
    expect(failure(await readLog(admin.accessToken, args))?.['argument']).toBe(argument);
  });

  test('is for administrators only', async () => {
    const { accessToken } = await register(app);
    expect(failure(await readLog(accessToken, 'first: 1'))).toEqual(refusals.adminRequired);
    expect(failure(await app.ask('{ auditLog { edges { cursor } } }'))).toEqual(refusals.missing);
  });
});

describe('the security events of a user', () => {
  const events = 'securityEvents { edges { node { event userId sessionId } } }';

  test('are those of the caller only, newest first', async () => {
    const [account] = [await register(app), await register(app)];
    const second = await login(app, account.username);
    const answer = await app.ask(`{ me { ${events} } }`, { token: account.accessToken });
    const userId = idOf(account);
    expect(succeeded(answer).me.securityEvents.edges).toEqual([
      { node: { event: 'SIGN_IN', userId, sessionId: sessionOf(second) } },
      { node: { event: 'REGISTERED', userId, sessionId: sessionOf(account) } },
    ]);
  });

  test('are closed to other users, on every path, and open to administrators', async () => {
    const account = await register(app);
    const query = `{ users(first: 50) { edges { node { id ${events} } } } }`;
    const { data, errors } = await app.ask(query, { token: account.accessToken });
    const { edges } = data.users as {
      edges: { node: { id: string; securityEvents: object | null } }[];
    };
    const readable = edges.filter(({ node }) => node.securityEvents !== null);
    expect(readable.map(({ node }) => node.id)).toEqual([idOf(account)]);
    expect(errors).toHaveLength(edges.length - 1);
    for (const error of errors) {
      expect({ ...error.extensions, message: error.message }).toEqual(refusals.adminRequired);
    }
    expect((await app.ask(query, { token: admin.accessToken })).errors).toEqual([]);
  });
});

describe('no secret is stored:', () => {
  /** Every row of every table, as text. */
  async function dump(): Promise<string> {
    const { rows: tables } = await app.database.execute<{ name: string }>(
      sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    const texts = await Promise.all(
      tables.map(({ name }) =>
        app.database.execute<{ line: string }>(
          sql`select each::text as line from ${sql.identifier(name)} each`,
        ),
      ),
    );
    return texts.flatMap(({ rows }) => rows.map(({ line }) => line)).join('\n');
  }

  /** Whatever in a text is good as an access, API or refresh token, as it stands or read as hexadecimal. */
  async function findTokens(text: string): Promise<string[]> {
    const words = new Set(text.match(/[\w.+/=-]{16,}/g));
    for (const hex of text.match(/\b[0-9a-f]{32,}\b/g) ?? []) {
      const bytes = Buffer.from(hex, 'hex');
      words.add(bytes.toString('base64url')).add(`sp_${bytes.toString('base64url')}`);
    }
    const found: string[] = [];
    for (const token of words) {
      const answers = [await app.ask('{ me { id } }', { token }), await refresh(app, token)];
      if (answers.some(({ errors }) => errors.length === 0)) found.push(token);
    }
    return found;
  }

  test('the tables contain no usable token and no password', async () => {
    // A small database of its own, whose every word can be tried.
    const account = await register(app);
    const { data } = await app.ask('mutation { createApiToken(name: "x") { token } }', {
      token: account.accessToken,
    });
    await app.database.execute(
      sql`delete from users where id not in (${idOf(account)}, ${idOf(admin)})`,
    );
    await app.database.delete(auditEvents).where(eq(auditEvents.actorId, idOf(admin)));
    const text = await dump();
    expect(text).toContain(account.username);
    expect(await findTokens(text)).toEqual([]);
    const all: Pair & { token: string } = { ...account, token: data.createApiToken.token };
    const planted = [all.accessToken, all.token, all.refreshToken];
    expect(await findTokens(`${text} (${planted.join(',')})`)).toEqual(planted);
  });

  test('the tables and the log contain no password and no token that was sent or returned', async () => {
    const wrong = 'what I use for my bank';
    await app.ask(
      `mutation { login(username: "${admin.username}", password: "${wrong}") { fresh } }`,
    );
    await app.ask(`mutation { login(username: "${wrong}", password: "x") { fresh } }`);
    await app.ask('{ me { id } }', { token: `${admin.accessToken}x` });
    expect(app.logLines.length).toBeGreaterThan(20);
    expect(secrets.size).toBeGreaterThan(100);
    const text = (await dump()) + app.logLines.join('');
    for (const secret of [password, wrong, ...secrets]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(secret.slice(-20));
    }
  });
});
