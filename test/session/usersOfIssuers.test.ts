import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { isTransaction } from '../../src/database/database.ts';
import { users } from '../../src/user/table.ts';
import type { UserOfIssuer } from '../../src/userOfIssuer.ts';
import { register, succeeded } from '../support/account.ts';
import { failure } from '../support/app.ts';
import { findOrMake } from '../support/identities.ts';
import { refusals } from '../support/refusals.ts';
import {
  app,
  called,
  change,
  closeApp,
  entriesOf,
  issuer,
  me,
  openApp,
  prepare,
  reset,
  seconds,
  sign,
} from './trustedIssuers.ts';

beforeAll(openApp);
afterAll(closeApp);
beforeEach(prepare);
afterEach(reset);

describe('a user of another issuer', () => {
  test('is refused at the next request after being disabled', async () => {
    const token = await sign({ sub: 'disabled' });
    const { id } = await me(token);
    await change(id, { active: false });
    expect(failure(await app.ask('{ me { id } }', { token }))).toEqual(refusals.userInactive);
  });

  test.each<[string, (id: string) => Awaited<ReturnType<UserOfIssuer>>, object]>([
    ['null', () => null, refusals.userNotFound],
    ['an unknown id', () => crypto.randomUUID(), refusals.userNotFound],
    ['a text that is no id', () => "' or true", refusals.userNotFound],
    ['undefined', () => undefined as never, { code: 'INTERNAL_SERVER_ERROR' }],
  ])('is not authenticated when the loader returns %s', async (_who, found, expected) => {
    called.userOfIssuer = () => found('');
    expect(failure(await app.ask('{ me { id } }', { token: await sign() }))).toMatchObject(
      expected,
    );
  });

  test('is an administrator by the database alone, not by the token or the loader', async () => {
    const claims = { sub: 'boss', isAdmin: true, roles: ['admin'], scope: 'admin audit:read' };
    const token = await sign(claims);
    const { id } = await me(token);
    called.userOfIssuer = () => ({ id, isAdmin: true, active: true }) as { id: string };
    const query = '{ auditLog(first: 1) { edges { node { issuer } } } }';
    expect(failure(await app.ask(query, { token }))).toEqual(refusals.adminRequired);
    expect((await entriesOf(id)).at(-1)).toMatchObject({
      event: 'ADMIN_REFUSED',
      issuer: issuer.url,
      sessionId: null,
    });
    await change(id, { isAdmin: true });
    expect(succeeded(await app.ask(query, { token })).auditLog.edges).toEqual([
      { node: { issuer: issuer.url } },
    ]);
    const narrow = await sign({ ...claims, scope: 'admin' });
    expect(failure(await app.ask(query, { token: narrow }))).toMatchObject({
      reason: 'SCOPE_REQUIRED',
    });
  });

  test('is fresh after a sign-in at the issuer for as long as after a sign-in here', async () => {
    const clock = app.clock.now;
    const times = { auth_time: seconds() - 299, exp: seconds() + 900 };
    const token = await sign({ sub: 'fresh', ...times });
    const { id } = await me(token);
    await change(id, { isAdmin: true });
    const promote = `mutation { setUserAdmin(id: "${id}", admin: true) { id } }`;
    expect(succeeded(await app.ask(promote, { token })).setUserAdmin).toEqual({ id });
    app.clock.advance(2);
    expect(failure(await app.ask(promote, { token }))).toEqual(refusals.freshRequired);
    const never = await sign({ sub: 'fresh' });
    expect(failure(await app.ask(promote, { token: never }))).toEqual(refusals.freshRequired);
    app.clock.now = clock;
  });

  test('has audit entries with the issuer', async () => {
    const token = await sign({ sub: 'clerk', auth_time: seconds() });
    const { id } = await me(token);
    await change(id, { isAdmin: true });
    const account = await register(app);
    await succeeded(
      await app.ask(`mutation { setUserActive(id: "${account.userId}", active: false) { id } }`, {
        token,
      }),
    );
    const entries = await entriesOf(account.userId);
    expect(entries.map(({ event, actorId, issuer: by }) => [event, actorId, by])).toEqual([
      ['REGISTERED', account.userId, null],
      ['USER_DISABLED', id, issuer.url],
      ['SESSION_ENDED', id, issuer.url],
    ]);
  });

  test('cannot sign in with a password', async () => {
    const { id } = await me(await sign({ sub: 'no-password' }));
    const [row] = await app.database.select().from(users).where(eq(users.id, id));
    const login = `mutation { login(username: "${row?.username}", password: "") { userId } }`;
    expect(failure(await app.ask(login))).toMatchObject({ code: 'BAD_USER_INPUT' });
    const guess = login.replace('""', '"correct horse battery"');
    expect(failure(await app.ask(guess))).toEqual(refusals.invalidCredentials);
  });
});

describe('a field that needs a session of this server refuses a token of another issuer:', () => {
  const wrongType = (message: string) => ({
    code: 'UNAUTHENTICATED',
    reason: 'TOKEN_WRONG_TYPE',
    message,
  });
  const noSession = wrongType(
    'This is a token of another issuer; an access token of this server is needed here.',
  );
  const notOurs = wrongType(
    'This is a token of another issuer, which alone can refresh or end it.',
  );

  test.each([
    ['freshLogin(password: "correct horse battery") { userId }', noSession],
    ['changePassword(newPassword: "another horse battery") { userId }', noSession],
    ['createApiToken(name: "x", scopes: ["audit:read"]) { token }', noSession],
    ['logout', notOurs],
    ['refresh { userId }', notOurs],
  ])('%s', async (field, expected) => {
    const token = await sign({ sub: 'no-session', auth_time: seconds() });
    expect(failure(await app.ask(`mutation { ${field} }`, { token }))).toEqual(expected);
  });

  test('logout(refreshToken:), for a token of the issuer and for an invalid one', async () => {
    const { url } = issuer;
    const made = `e30.${Buffer.from(JSON.stringify({ iss: url })).toString('base64url')}.x`;
    for (const token of [await sign(), made]) {
      const logout = `mutation { logout(refreshToken: "${token}") }`;
      expect(failure(await app.ask(logout))).toEqual(notOurs);
    }
  });

  test('no session of the user is the current session of the token', async () => {
    const { userId, accessToken } = await register(app);
    called.userOfIssuer = () => userId;
    const token = await sign();
    const { sessions } = succeeded(await app.ask('{ sessions { current } }', { token }));
    expect(sessions).toEqual([{ current: false }]);
    expect(succeeded(await app.ask('mutation { logoutEverywhere }', { token }))).toEqual({
      logoutEverywhere: 1,
    });
    expect(failure(await app.ask('{ me { id } }', { token: accessToken }))).toEqual(
      refusals.revoked,
    );
  });
});

describe('a change by a user of another issuer', () => {
  test('loads the user again in its transaction, and verifies the token once', async () => {
    const places: boolean[] = [];
    called.userOfIssuer = (token, scene) => {
      places.push(isTransaction(scene.database));
      return findOrMake(token, scene);
    };
    const token = await sign({ sub: 'changes' });
    await me(token);
    places.length = 0;
    const verified = vi.spyOn(crypto.subtle, 'verify');
    expect(succeeded(await app.ask('mutation { logoutEverywhere }', { token }))).toBeTruthy();
    expect(places).toEqual([false, true]);
    expect(verified).toHaveBeenCalledTimes(1);
    verified.mockRestore();
  });

  test('is refused where the token has become another user’s meanwhile', async () => {
    const [before, after] = [await register(app), await register(app)];
    called.userOfIssuer = (_token, { database }) =>
      (isTransaction(database) ? after : before).userId;
    const answer = await app.ask('mutation { logoutEverywhere }', { token: await sign() });
    expect(failure(answer)).toEqual(refusals.userNotFound);
    const { accessToken: token } = after;
    expect(succeeded(await app.ask('{ me { id } }', { token })).me.id).toBe(after.userId);
  });
});
