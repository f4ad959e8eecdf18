import { readFileSync } from 'node:fs';
import { desc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiTokens } from '../../src/apiToken/table.ts';
import { auditEvents } from '../../src/audit/table.ts';
import { type Account, refresh, register, succeeded } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp();
  account = await register(app, { admin: true });
});
afterAll(() => app.close());

const create = (scopes: unknown, owner = account) =>
  app.ask(
    `mutation ($scopes: [String!]) {
      createApiToken(name: "backup", scopes: $scopes) { token apiToken { id scopes } }
    }`,
    { token: owner.accessToken, variables: { scopes } },
  );

async function made(scopes: unknown, owner = account): Promise<{ token: string; id: string }> {
  const { token, apiToken } = succeeded(await create(scopes, owner)).createApiToken;
  return { token, id: apiToken.id };
}

const query = '{ auditLog(first: 0) { edges { cursor } } }';
const read = (token: string) => app.ask(query, { token });
const passes = { data: { auditLog: { edges: [] } }, errors: [] };
const scopeRequired = {
  code: 'FORBIDDEN',
  reason: 'SCOPE_REQUIRED',
  message: 'This token does not have the scope for that.',
  scopes: [['audit:read']],
};

describe('an API token', () => {
  test('with the scope that a field requires opens the field', async () => {
    const { token } = await made(['audit:read']);
    expect(await read(token)).toMatchObject(passes);
  });

  test.each([
    ['an empty list of scopes', []],
    ['null for scopes', null],
    ['no argument for scopes', undefined],
  ])('with %s opens fields without scopes, and no others', async (_what, scopes) => {
    const { token } = await made(scopes);
    expect(failure(await read(token))).toEqual(scopeRequired);
    expect((await app.ask('{ me { id } }', { token })).errors).toEqual([]);
  });

  test('that lacks the scope for administration is in the audit log', async () => {
    const owner = await register(app, { admin: true });
    const { token } = await made([], owner);
    await read(token);
    const [row] = await app.database
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.userId, owner.userId))
      .orderBy(desc(auditEvents.id))
      .limit(1);
    expect(row).toMatchObject({ event: 'ADMIN_REFUSED', reason: 'SCOPE_REQUIRED: auditLog' });
  });

  test('opens no field that its user may not read', async () => {
    const { token } = await made(['audit:read'], await register(app));
    expect(failure(await read(token))).toEqual(refusals.adminRequired);
  });

  test('gets the required scope in the challenge of the answer', async () => {
    const { token } = await made([]);
    const { statusCode, headers } = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/graphql-response+json',
        'content-type': 'application/json',
      },
      payload: { query },
    });
    expect(statusCode).toBe(403);
    expect(headers['www-authenticate']).toBe(
      'Bearer realm="sallyport", error="insufficient_scope", scope="audit:read", error_description="This token does not have the scope for that."',
    );
  });

  test('shows its scopes when it is made and in the list, each once', async () => {
    const owner = await register(app);
    const answer = await create(['audit:read', 'audit:read'], owner);
    const { apiToken } = succeeded(answer).createApiToken;
    expect(apiToken.scopes).toEqual(['audit:read']);
    const { apiTokens } = succeeded(
      await app.ask('{ apiTokens { id scopes } }', { token: owner.accessToken }),
    );
    expect(apiTokens).toEqual([apiToken]);
  });

  test('is in the audit log with its scopes', async () => {
    const owner = await register(app);
    const { id } = await made(['audit:read'], owner);
    const { id: withoutScopes } = await made([], owner);
    const rows = await app.database
      .select({ event: auditEvents.event, reason: auditEvents.reason })
      .from(auditEvents)
      .where(eq(auditEvents.userId, owner.userId))
      .orderBy(auditEvents.id);
    expect(rows.filter(({ event }) => event === 'API_TOKEN_CREATED')).toEqual([
      { event: 'API_TOKEN_CREATED', reason: `${id} audit:read` },
      { event: 'API_TOKEN_CREATED', reason: withoutScopes },
    ]);
  });

  test.each([
    ['that no field requires', ['audit:raed']],
    ['that is unknown beside a known one', ['audit:read', 'admin']],
    ['that is empty', ['']],
    ['that is a list of several', ['audit:read audit:read']],
    ['that is called all', ['all']],
  ])('cannot have a scope %s', async (_what, scopes) => {
    expect(failure(await create(scopes))).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'scopes',
      message: '"scopes" may have what some field asks for: audit:read.',
    });
  });
});

test('a session has all scopes, when it is refreshed too', async () => {
  const owner = await register(app, { admin: true });
  expect(await read(owner.accessToken)).toMatchObject(passes);
  const { accessToken } = succeeded(await refresh(app, owner.refreshToken)).refresh;
  expect(await read(accessToken)).toMatchObject(passes);
});

test('an API token from before there were scopes opens the same fields as before', async () => {
  const { token, id } = await made([]);
  const migration = new URL('../../drizzle/0007_api_token_scopes.sql', import.meta.url);
  await app.database.execute(sql`alter table api_tokens drop column scopes`);
  for (const statement of readFileSync(migration, 'utf8').split('--> statement-breakpoint')) {
    await app.database.execute(sql.raw(statement));
  }
  expect(await read(token)).toMatchObject(passes);
  const listed = succeeded(
    await app.ask('{ apiTokens { id scopes } }', { token: account.accessToken }),
  ).apiTokens;
  expect(listed).toContainEqual({ id, scopes: null });
  expect(failure(await read((await made([])).token))).toEqual(scopeRequired);
  const [row] = await app.database
    .insert(apiTokens)
    .values({ userId: account.userId, name: 'x', hash: Buffer.alloc(32), createdAt: new Date(0) })
    .returning();
  expect(row?.scopes).toEqual([]);
});
