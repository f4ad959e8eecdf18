import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import {
  type Account,
  claimsOf,
  type Pair,
  pairFields,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { mutationNames, newCast, publicMutations, write } from '../whole/mutations/cast.ts';

const { revoked, invalid, invalidCredentials } = refusals;
const newPassword = 'a stapler and a battery';

// Two nodes over one database.
let nodes: [TestApp, TestApp];
let app: TestApp;
beforeAll(async () => {
  const environment = { RATE_LIMIT_ACCOUNT: '1' };
  app = await startApp({ environment });
  nodes = [app, await startApp({ environment, database: app.database, clock: app.clock })];
});
afterAll(async () => {
  await nodes[1].close();
  await app.close();
});

async function changePassword(token: string): Promise<Pair> {
  const field = `changePassword(newPassword: "${newPassword}") { ${pairFields} }`;
  return succeeded(await app.ask(`mutation { ${field} }`, { token })).changePassword;
}

const me = ({ accessToken }: Pair) => app.ask('{ me { id } }', { token: accessToken });

/** What somebody else has of the owner's session: two tokens of each generation, and fresh ones too. */
let stolen: Pair[];
let owner: Account;
/** What the owner has after the change of password. */
let kept: Pair;
beforeEach(async () => {
  owner = await register(app);
  app.clock.advance(10);
  const refreshed: Pair = succeeded(await refresh(app, owner.refreshToken)).refresh;
  const field = `freshLogin(password: "${password}") { ${pairFields} }`;
  const { freshLogin } = succeeded(
    await app.ask(`mutation { ${field} }`, { token: refreshed.accessToken }),
  );
  stolen = [owner, refreshed, freshLogin];
  kept = await changePassword(freshLogin.accessToken);
});

async function expectOwnerGoesOn() {
  kept = succeeded(await refresh(app, kept.refreshToken)).refresh;
  expect((await me(kept)).errors).toEqual([]);
}

describe('a token that was stolen before the owner changed the password', () => {
  test.each(mutationNames.filter((name) => !publicMutations.includes(name)))(
    'runs no %s, on any node, as a fresh or an older access token',
    async (name) => {
      const cast = await newCast(app);
      const { accessToken: token } = cast.pair;
      await changePassword(token);
      for (const { ask } of nodes) {
        const answer = await ask(`mutation { ${write(name, cast)} }`, { token });
        expect(failure(answer)).toEqual(revoked);
        for (const { accessToken } of stolen) {
          const again = await ask(`mutation { ${write(name, cast)} }`, { token: accessToken });
          expect(failure(again)).toEqual(revoked);
        }
      }
    },
  );

  test.each([
    'me { id }',
    'sessions { id }',
    'apiTokens { id }',
    'viewer { id }',
    'users { edges { cursor } }',
  ])('reads no %s', async (field) => {
    for (const { accessToken: token } of stolen) {
      expect(failure(await app.ask(`{ ${field} }`, { token }))).toEqual(revoked);
    }
    await expectOwnerGoesOn();
  });

  test('is refused by refresh, at once and later, without ending the session', async () => {
    app.logLines.length = 0;
    for (const seconds of [0, 31, 24 * 60 * 60]) {
      app.clock.advance(seconds);
      for (const { refreshToken } of stolen) {
        for (const node of nodes) {
          expect(failure(await refresh(node, refreshToken))).toEqual(revoked);
        }
      }
    }
    expect(app.logLines.join('')).not.toContain('REFRESH_REUSED');
    await expectOwnerGoesOn();
  });

  test('logs out no session, and the answer does not show it', async () => {
    for (const { accessToken, refreshToken } of stolen) {
      for (const asking of [
        { token: accessToken },
        { token: refreshToken },
        { variables: { token: refreshToken } },
      ]) {
        const answer = await app.ask(
          'mutation ($token: String) { logout(refreshToken: $token) }',
          asking,
        );
        expect(answer).toMatchObject({ data: { logout: true }, errors: [] });
      }
    }
    await expectOwnerGoesOn();
  });

  test('counts as no known device of the owner', async () => {
    const guess = (token?: string) =>
      app.ask(`mutation { login(username: "${owner.username}", password: "x") { fresh } }`, {
        ...(token && { token }),
      });
    expect(failure(await guess())).toEqual(invalidCredentials);
    for (const { accessToken, refreshToken } of stolen) {
      for (const token of [accessToken, refreshToken]) {
        expect(failure(await guess(token))).toMatchObject({ code: 'RATE_LIMITED' });
      }
    }
    expect(failure(await guess(kept.accessToken))).toEqual(invalidCredentials);
  });
});

test('a logout of the owner ends the session that continued after the change', async () => {
  await app.ask('mutation { logout }', { token: kept.accessToken });
  expect(failure(await me(kept))).toEqual(revoked);
  expect(failure(await refresh(app, kept.refreshToken))).toEqual(revoked);
});

test('when the database is restored to before the change, the new refresh token logs an alarm', async () => {
  const sessionId = claimsOf(kept.accessToken)['sid'] as string;
  await app.database
    .update(sessions)
    .set({ generation: 2, firstValidGeneration: 1 })
    .where(eq(sessions.id, sessionId));
  app.logLines.length = 0;
  expect(failure(await refresh(app, kept.refreshToken))).toEqual(invalid);
  expect(app.logLines.join('')).toContain('the database has been set back');
});

test('after a second change, the tokens of the first change are revoked', async () => {
  const newest = await changePassword(kept.accessToken);
  expect(failure(await me(kept))).toEqual(revoked);
  expect(failure(await refresh(app, kept.refreshToken))).toEqual(revoked);
  expect((await me(newest)).errors).toEqual([]);
  expect((await refresh(app, newest.refreshToken)).errors).toEqual([]);
});
