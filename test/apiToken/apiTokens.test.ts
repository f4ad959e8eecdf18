import { randomUUID } from 'node:crypto';
import { createApiToken, hashApiToken } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiTokens } from '../../src/apiToken/table.ts';
import { users } from '../../src/user/table.ts';
import { refresh, register, succeeded } from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

const notFound = { code: 'NOT_FOUND', message: 'API token not found.' };

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

const create = (accessToken: string, args = 'name: "backup"', variables = {}) =>
  app.ask(
    `mutation ${'name' in variables ? '($name: String!)' : ''} {
      createApiToken(${args}) { token apiToken { id name createdAt expiresAt lastUsedAt } }
    }`,
    { token: accessToken, variables },
  );

/** Registers a user and makes an API token. */
async function owner({ args = 'name: "backup"', admin = false } = {}) {
  const account = await register(app, { admin });
  const { token, apiToken } = succeeded(await create(account.accessToken, args)).createApiToken;
  return { account, token: token as string, id: apiToken.id as string };
}

async function list(accessToken: string): Promise<ApiToken[]> {
  const query = '{ apiTokens { id name createdAt expiresAt lastUsedAt } }';
  return succeeded(await app.ask(query, { token: accessToken })).apiTokens;
}

const revoke = (token: string, id: string) =>
  app.ask('mutation ($id: ID!) { revokeApiToken(id: $id) }', { token, variables: { id } });

const me = (token: string) => app.ask('{ me { username } }', { token });

describe('a new API token', () => {
  test('is shown once, with the fields that are stored', async () => {
    const { accessToken } = await register(app);
    const { token, apiToken } = succeeded(await create(accessToken)).createApiToken;
    expect(token).toMatch(/^sp_[\w-]{48}$/);
    expect(apiToken).toEqual({
      id: expect.any(String),
      name: 'backup',
      createdAt: app.clock.now.toISOString(),
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(await list(accessToken)).toEqual([apiToken]);
    const answer = await app.ask('{ apiTokens { token } }', { token: accessToken });
    expect(answer.errors[0]?.message).toBe('Cannot query field "token" on type "ApiToken".');
  });

  test('is stored as its SHA-256 only', async () => {
    const { token, id } = await owner();
    const [row] = await app.database.select().from(apiTokens).where(eq(apiTokens.id, id));
    expect(row?.hash).toEqual(hashApiToken(token));
    expect(row?.hash).toHaveLength(32);
    const text = JSON.stringify(row);
    for (const part of [token, token.slice(3, 20), token.slice(-20)]) {
      expect(text).not.toContain(part);
    }
  });

  test('leaves other tokens valid, and the list has the newest first', async () => {
    const { account, token } = await owner();
    app.clock.advance(1);
    const second = succeeded(await create(account.accessToken, 'name: "other"')).createApiToken;
    for (const each of [token, second.token]) expect((await me(each)).errors).toEqual([]);
    const names = (await list(account.accessToken)).map(({ name }) => name);
    expect(names).toEqual(['other', 'backup']);
  });

  test('is refused with a stale token and without a token', async () => {
    const { refreshToken } = await register(app);
    const { accessToken } = succeeded(await refresh(app, refreshToken)).refresh;
    expect(failure(await create(accessToken))).toEqual(refusals.freshRequired);
    const answer = await app.ask('mutation { createApiToken(name: "x") { token } }');
    expect(failure(answer)).toEqual(refusals.missing);
    expect(await list(accessToken)).toEqual([]);
  });

  test.each([
    ['one character', 'x', []],
    ['100 characters', '🦊'.repeat(100), []],
    ['101 characters', 'x'.repeat(101), ['name']],
    ['no characters', '', ['name']],
    ['blanks', '   ', ['name']],
    ['a line break', 'one\ntwo', ['name']],
  ])('with a name of %s', async (_what, name, refused) => {
    const answer = await create((await register(app)).accessToken, 'name: $name', { name });
    expect(answer.errors.map(({ extensions }) => extensions?.['argument'])).toEqual(refused);
  });

  test.each([
    [-1, ['BAD_USER_INPUT']],
    [0, ['BAD_USER_INPUT']],
    [1, []],
    [2_147_483_647, []],
  ])('for %i s', async (seconds, codes) => {
    const answer = await create(
      (await register(app)).accessToken,
      `name: "x", expiresIn: ${seconds}`,
    );
    expect(answer.errors.map(({ extensions }) => extensions?.['code'])).toEqual(codes);
  });
});

describe('an API token', () => {
  test('opens fields that need a user', async () => {
    const { account, token } = await owner();
    expect((await me(token)).data).toEqual({ me: { username: account.username } });
  });

  test('opens no field that needs a fresh token', async () => {
    const { token } = await owner({ admin: true });
    for (const field of [
      'deleteAccount',
      'createApiToken(name: "x") { token }',
      `changePassword(newPassword: "another ${password}") { fresh }`,
      `setUserAdmin(id: "${randomUUID()}", admin: true) { id }`,
    ]) {
      const answer = await app.ask(`mutation { ${field} }`, { token });
      expect(failure(answer)).toEqual(refusals.freshRequired);
    }
  });

  test('cannot be made fresh with the password, because it has no session', async () => {
    const { token } = await owner();
    const answer = await app.ask(`mutation { freshLogin(password: "${password}") { fresh } }`, {
      token,
    });
    expect(failure(answer)).toEqual({
      code: 'UNAUTHENTICATED',
      reason: 'TOKEN_WRONG_TYPE',
      message: 'This is an API token; an access token is needed here.',
    });
  });

  test('is no refresh token, and has no session', async () => {
    const { token } = await owner();
    expect(failure(await refresh(app, token))).toEqual(refusals.invalid);
    expect(failure(await app.ask('mutation { logout }', { token }))).toEqual(refusals.invalid);
    const { sessions } = succeeded(await app.ask('{ sessions { current } }', { token }));
    expect(sessions).toEqual([{ current: false }]);
  });

  test('opens fields for administrators as long as its user is an administrator', async () => {
    const { account, token } = await owner({ args: 'name: "x", scopes: ["audit:read"]' });
    const query = '{ auditLog(first: 0) { edges { cursor } } }';
    const setAdmin = (isAdmin: boolean) =>
      app.database.update(users).set({ isAdmin }).where(eq(users.username, account.username));
    expect(failure(await app.ask(query, { token }))).toEqual(refusals.adminRequired);
    await setAdmin(true);
    expect((await app.ask(query, { token })).errors).toEqual([]);
    await setAdmin(false);
    expect(failure(await app.ask(query, { token }))).toEqual(refusals.adminRequired);
  });

  test('is valid until the second it expires, and expired from then on', async () => {
    const { token } = await owner({ args: 'name: "x", expiresIn: 60' });
    app.clock.advance(59);
    expect((await me(token)).errors).toEqual([]);
    app.clock.advance(1);
    expect(failure(await me(token))).toEqual(refusals.expired);
  });

  test('without an expiry is valid ten years later', async () => {
    const { token } = await owner();
    app.clock.advance(10 * 365 * 24 * 60 * 60);
    expect((await me(token)).errors).toEqual([]);
  });

  test('that is revoked is invalid at the next request, and others are not', async () => {
    const { account, token, id } = await owner();
    const other = succeeded(await create(account.accessToken)).createApiToken;
    expect((await revoke(account.accessToken, id)).data).toEqual({ revokeApiToken: true });
    expect(failure(await me(token))).toEqual(refusals.invalid);
    expect((await me(other.token)).errors).toEqual([]);
    expect(failure(await revoke(account.accessToken, id))).toEqual(notFound);
  });

  test('of another user, or with an unknown id, cannot be revoked', async () => {
    const { token, id } = await owner();
    const { accessToken } = await register(app, { admin: true });
    for (const each of [id, randomUUID(), '', 'x', token]) {
      expect(failure(await revoke(accessToken, each))).toEqual(notFound);
    }
    expect((await me(token)).errors).toEqual([]);
  });

  test('of a disabled user is refused', async () => {
    const { account, token } = await owner();
    const byName = eq(users.username, account.username);
    await app.database.update(users).set({ active: false }).where(byName);
    expect(failure(await me(token))).toEqual(refusals.userInactive);
  });

  test('stays valid after its session has ended', async () => {
    const { account, token } = await owner();
    await app.ask('mutation { logoutEverywhere }', { token: account.accessToken });
    expect((await me(token)).errors).toEqual([]);
  });

  test('shows its last use, to the minute', async () => {
    const { account, token } = await owner();
    const lastUsedAt = async () => (await list(account.accessToken))[0]?.lastUsedAt;
    expect(await lastUsedAt()).toBeNull();
    const first = app.clock.now.toISOString();
    await me(token);
    expect(await lastUsedAt()).toBe(first);
    app.clock.advance(59);
    await me(token);
    expect(await lastUsedAt()).toBe(first);
    app.clock.advance(1);
    await me(token);
    expect(await lastUsedAt()).toBe(app.clock.now.toISOString());
  });

  test('is never written to the log, whether it is good or not', async () => {
    app.logLines.length = 0;
    const { account, token, id } = await owner();
    await me(token);
    await me(`${token.slice(0, -1)}_`);
    await app.ask('mutation { deleteAccount }', { token });
    await revoke(account.accessToken, id);
    await me(token);
    expect(app.logLines.length).toBeGreaterThan(5);
    expect(app.logLines.join('')).not.toContain(token.slice(0, 12));
  });
});

describe('a token that is almost an API token is invalid', () => {
  test('with any one character changed', async () => {
    const { token } = await owner();
    for (let position = 0; position < token.length; position++) {
      const other = token[position] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, position) + other + token.slice(position + 1);
      expect(failure(await me(changed))).toEqual(refusals.invalid);
    }
  });

  test.each<[string, (token: string) => string]>([
    ['cut short by one character', (token) => token.slice(0, -1)],
    ['cut short by its checksum', (token) => token.slice(0, -6)],
    ['the prefix alone', () => 'sp_'],
    ['without the prefix', (token) => token.slice(3)],
    ['with the prefix in capitals', (token) => `SP_${token.slice(3)}`],
    ['with a character too many', (token) => `${token}A`],
    ['twice', (token) => token + token],
    ['padded', (token) => `${token}==`],
    ['well-formed, but never made', () => createApiToken().token],
  ])('%s', async (_what, change) => {
    const { token } = await owner();
    expect(failure(await me(change(token)))).toEqual(refusals.invalid);
    expect((await me(token)).errors).toEqual([]);
  });
});
