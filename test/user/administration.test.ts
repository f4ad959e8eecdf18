import { randomUUID } from 'node:crypto';
import { and, eq, inArray } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { users } from '../../src/user/table.ts';
import {
  type Account,
  claimsOf,
  login,
  type Pair,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { onPostgres } from '../support/database.ts';
import { refusals } from '../support/refusals.ts';

const notFound = { code: 'NOT_FOUND', message: 'User not found.' };
const lastAdmin = {
  code: 'CONFLICT',
  message: 'This is the last active administrator. Make another one first.',
};

// Two nodes over one database.
let app: TestApp;
let otherNode: TestApp;
let admin: Account;
beforeAll(async () => {
  app = await startApp();
  otherNode = await startApp({ database: app.database, clock: app.clock });
  admin = await register(app, { admin: true });
});
afterAll(async () => {
  await otherNode.close();
  await app.close();
});

const idOf = ({ accessToken }: Pair) => claimsOf(accessToken)['sub'] as string;
const me = ({ accessToken }: Pair) => app.ask('{ me { id } }', { token: accessToken });

const change =
  (field: string) =>
  (by: Pair | null, id: string, node: TestApp = app) =>
    node.ask(`mutation ($id: ID!) { ${field} }`, {
      ...(by && { token: by.accessToken }),
      variables: { id },
    });

const disable = change('setUserActive(id: $id, active: false) { id username active }');
const enable = change('setUserActive(id: $id, active: true) { id username active }');
const promote = change('setUserAdmin(id: $id, admin: true) { id username isAdmin }');
const demote = change('setUserAdmin(id: $id, admin: false) { id username isAdmin }');
const endUserSessions = change('endUserSessions(id: $id)');

const findUser = async (account: Pair) =>
  (
    await app.database
      .select()
      .from(users)
      .where(eq(users.id, idOf(account)))
  )[0];

/** A refreshed pair: good, but not fresh. */
const staleOf = async ({ refreshToken }: Pair): Promise<Pair> =>
  succeeded(await refresh(app, refreshToken)).refresh;

const changes = [
  ['disabling', disable],
  ['enabling', enable],
  ['promoting', promote],
  ['demoting', demote],
] as const;

describe.each([...changes, ['ending the sessions of', endUserSessions]] as const)(
  '%s a user',
  (_what, act) => {
    test('is allowed for administrators only', async () => {
      const [plain, other] = [await register(app), await register(app)];
      expect(failure(await act(null, idOf(other)))).toEqual(refusals.missing);
      expect(failure(await act(plain, idOf(other)))).toEqual(refusals.adminRequired);
      expect(failure(await act(plain, randomUUID()))).toEqual(refusals.adminRequired);
      expect((await me(other)).errors).toEqual([]);
    });

    test.each([
      ['that does not exist', randomUUID()],
      ['with no id', ''],
      ['with an id that no user can have', "x' or '1'='1"],
    ])('%s finds no user', async (_which, id) => {
      expect(failure(await act(admin, id))).toEqual(notFound);
    });
  },
);

describe.each(changes)('%s a user', (_what, act) => {
  test('requires a fresh token, before it requires an administrator', async () => {
    const [plain, fresh] = [await register(app), await register(app, { admin: true })];
    const before = await findUser(plain);
    expect(failure(await act(await staleOf(fresh), idOf(plain)))).toEqual(refusals.freshRequired);
    expect(failure(await act(await staleOf(plain), idOf(plain)))).toEqual(refusals.freshRequired);
    expect(await findUser(plain)).toEqual(before);
  });

  test('is accepted 300 s after the password check, and not later', async () => {
    const [plain, fresh] = [await register(app), await register(app, { admin: true })];
    app.clock.advance(300);
    expect((await act(fresh, idOf(plain))).errors).toEqual([]);
    app.clock.advance(1);
    expect(failure(await act(fresh, idOf(plain)))).toEqual(refusals.freshRequired);
    admin = await register(app, { admin: true });
  });
});

describe('a disabled user', () => {
  test('is refused at the next request, with either token, and cannot sign in', async () => {
    const account = await register(app);
    expect((await disable(admin, idOf(account))).data).toEqual({
      setUserActive: { id: idOf(account), username: account.username, active: false },
    });
    expect(failure(await me(account))).toEqual(refusals.userInactive);
    expect(failure(await refresh(app, account.refreshToken))).toEqual(refusals.userInactive);
    const answer = await app.ask(
      `mutation { login(username: "${account.username}", password: "${password}") { fresh } }`,
    );
    expect(failure(answer)).toEqual(refusals.invalidCredentials);
  });

  test('has no session when the account is enabled again, but can sign in', async () => {
    const account = await register(app);
    await disable(admin, idOf(account));
    expect((await enable(admin, idOf(account))).data.setUserActive.active).toBe(true);
    expect(failure(await me(account))).toEqual(refusals.revoked);
    expect(failure(await refresh(app, account.refreshToken))).toEqual(refusals.revoked);
    expect((await me(await login(app, account.username))).errors).toEqual([]);
  });

  test('may be disabled or enabled twice', async () => {
    const account = await register(app);
    for (const act of [disable, disable, enable, enable]) {
      expect((await act(admin, idOf(account))).errors).toEqual([]);
    }
  });
});

describe('a demoted administrator', () => {
  test('has no rights at the next request, with a token from before', async () => {
    const other = await register(app, { admin: true });
    const query = '{ auditLog(first: 0) { edges { cursor } } }';
    expect((await app.ask(query, { token: other.accessToken })).errors).toEqual([]);
    expect((await demote(admin, idOf(other))).data).toEqual({
      setUserAdmin: { id: idOf(other), username: other.username, isAdmin: false },
    });
    const answer = await app.ask(query, { token: other.accessToken });
    expect(failure(answer)).toEqual(refusals.adminRequired);
    expect(failure(await disable(other, idOf(admin)))).toEqual(refusals.adminRequired);
    expect((await me(other)).errors).toEqual([]);
  });

  test('has rights again at the next request after being promoted', async () => {
    const other = await register(app);
    expect((await promote(admin, idOf(other))).data.setUserAdmin.isAdmin).toBe(true);
    expect((await endUserSessions(other, idOf(await register(app)))).data).toEqual({
      endUserSessions: 1,
    });
  });
});

describe('an administrator who ends the sessions of a user', () => {
  test('ends all of them and gets their number, and the user can sign in again', async () => {
    const account = await register(app);
    const pairs = [account, await login(app, account.username)];
    expect((await endUserSessions(admin, idOf(account))).data).toEqual({ endUserSessions: 2 });
    for (const pair of pairs) {
      expect(failure(await me(pair))).toEqual(refusals.revoked);
      expect(failure(await refresh(app, pair.refreshToken))).toEqual(refusals.revoked);
    }
    expect((await endUserSessions(admin, idOf(account))).data).toEqual({ endUserSessions: 0 });
    expect((await me(await login(app, account.username))).errors).toEqual([]);
    expect((await me(admin)).errors).toEqual([]);
  });

  test('needs no fresh token', async () => {
    const stale = await staleOf(await register(app, { admin: true }));
    expect((await endUserSessions(stale, idOf(await register(app)))).errors).toEqual([]);
  });
});

describe('the last active administrator', () => {
  beforeAll(async () => {
    await app.database.update(users).set({ isAdmin: false });
    admin = await register(app, { admin: true });
  });

  test.each([
    ['disabled', disable],
    ['demoted', demote],
  ])('cannot be %s, and stays signed in', async (_what, act) => {
    const disabled = await register(app, { admin: true });
    await disable(admin, idOf(disabled));
    const before = await findUser(admin);
    expect(failure(await act(admin, idOf(admin)))).toEqual(lastAdmin);
    expect(await findUser(admin)).toEqual(before);
    expect((await refresh(app, admin.refreshToken)).errors).toEqual([]);
    // Whoever is no active administrator can still be disabled and demoted.
    expect((await demote(admin, idOf(disabled))).errors).toEqual([]);
    expect((await disable(admin, idOf(await register(app)))).errors).toEqual([]);
  });

  test('may be enabled and promoted, which changes nothing', async () => {
    for (const act of [enable, promote]) {
      expect((await act(admin, idOf(admin))).errors).toEqual([]);
    }
  });

  test('can be demoted once there is another', async () => {
    const other = await register(app, { admin: true });
    expect((await demote(admin, idOf(admin))).errors).toEqual([]);
    expect(failure(await demote(other, idOf(other)))).toEqual(lastAdmin);
    admin = other;
  });

  test.each([
    ['demote', demote, demote],
    ['disable', disable, disable],
    ['demote and disable', demote, disable],
  ] as const)(
    'is one of two who %s each other at the same moment on two nodes',
    async (_what, firstAct, secondAct) => {
      const both = [admin, await register(app, { admin: true })] as const;
      const ids = both.map(idOf);
      const [firstId, secondId] = [ids[0] ?? '', ids[1] ?? ''];
      for (let trial = 0; trial < (onPostgres ? 50 : 10); trial++) {
        const answers = await Promise.all([
          firstAct(both[0], secondId),
          secondAct(both[1], firstId, otherNode),
        ]);
        const left = and(inArray(users.id, ids), eq(users.isAdmin, true), eq(users.active, true));
        expect(await app.database.$count(users, left)).toBe(1);
        const refused = answers.map((answer) => failure(answer)?.['code']).filter(Boolean);
        expect(refused).toHaveLength(1);
        expect(['CONFLICT', 'FORBIDDEN', 'UNAUTHENTICATED']).toContain(refused[0]);
        await app.database
          .update(users)
          .set({ isAdmin: true, active: true })
          .where(inArray(users.id, ids));
        await app.database
          .update(sessions)
          .set({ endedAt: null, endReason: null })
          .where(inArray(sessions.userId, ids));
      }
      await app.database.update(users).set({ isAdmin: false }).where(eq(users.id, secondId));
    },
  );
});
