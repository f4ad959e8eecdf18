import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import {
  type Account,
  claimsOf,
  login,
  type Pair,
  pairFields,
  refresh,
  register,
  succeeded,
} from '../support/account.ts';
import { failure, password, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { sessionSteps } from './sessionSteps.ts';

const { expired } = refusals;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const { next, rotate, sessionOf, useAccessToken } = sessionSteps(() => app);

describe('the newest refresh token', () => {
  /** What began its generation, and the pair that it gave. */
  const beginnings: [string, (account: Account) => Promise<Pair>][] = [
    ['a registration', async (account) => account],
    ['a sign-in', ({ username }) => login(app, username)],
    ['a refresh', ({ refreshToken }) => rotate(refreshToken)],
    [
      'a change of password',
      async ({ accessToken: token }) =>
        succeeded(
          await app.ask(
            `mutation { changePassword(newPassword: "a stapler and a battery") { ${pairFields} } }`,
            { token },
          ),
        ).changePassword,
    ],
  ];

  describe.each(beginnings)('of a generation that began with %s', (_how, begin) => {
    test.each([0, 1, 9])(
      'is returned again after %i s, with an access token that is not fresh',
      async (seconds) => {
        const pair = await begin(await register(app));
        const session = await sessionOf(pair);
        app.clock.advance(seconds);
        const again = await next(pair.refreshToken);
        expect(again.refreshToken).toBe(pair.refreshToken);
        expect(again).toMatchObject({ fresh: false, expiresIn: 900 });
        expect(claimsOf(again.accessToken)).toMatchObject({
          gen: claimsOf(pair.accessToken)['gen'],
          auth_time: claimsOf(pair.accessToken)['auth_time'],
          fresh: false,
        });
        expect((await useAccessToken(again)).errors).toEqual([]);
        const counted = { refreshCount: expect.any(Number), refreshesSince: expect.any(Date) };
        // What changed, changed by the use.
        const { confirmedGeneration } = (await sessionOf(pair)) ?? {};
        expect(await sessionOf(pair)).toEqual({ ...session, ...counted, confirmedGeneration });
      },
    );

    test.each([10, 11])('is followed by the next one after %i s', async (seconds) => {
      const pair = await begin(await register(app));
      app.clock.advance(seconds);
      const following = await next(pair.refreshToken);
      expect(following.refreshToken).not.toBe(pair.refreshToken);
      const generation = Number(claimsOf(pair.accessToken)['gen']) + 1;
      expect(await sessionOf(pair)).toMatchObject({ generation, rotatedAt: app.clock.now });
    });
  });

  test('is returned again within 10 s of a freshLogin, if its generation began within them', async () => {
    const pair = await register(app);
    const freshLogin = `mutation { freshLogin(password: "${password}") { ${pairFields} } }`;
    const fresh: Pair = succeeded(
      await app.ask(freshLogin, { token: pair.accessToken }),
    ).freshLogin;
    app.clock.advance(9);
    expect(await next(fresh.refreshToken)).toMatchObject({
      refreshToken: pair.refreshToken,
      fresh: false,
    });
    app.clock.advance(1);
    expect((await next(fresh.refreshToken)).refreshToken).not.toBe(pair.refreshToken);
  });

  test('used twenty times at once and once late, after 9 s, does not end the session', async () => {
    const { refreshToken } = await register(app);
    const first = await rotate(refreshToken);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refresh(app, first.refreshToken)),
    );
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    app.clock.advance(9);
    const late = await next(refreshToken);
    expect(late.refreshToken).toBe(first.refreshToken);
    expect(await sessionOf(late)).toMatchObject({ generation: 2, endedAt: null });
  });

  test.each([
    [9, 1],
    [11, 2],
  ])('of a node whose clock was %i s ahead leads to generation %i', async (ahead, generation) => {
    const pair = await register(app);
    const rotatedAt = new Date(app.clock.now.getTime() + ahead * 1000);
    const id = claimsOf(pair.accessToken)['sid'] as string;
    await app.database.update(sessions).set({ rotatedAt }).where(eq(sessions.id, id));
    await next(pair.refreshToken);
    expect(await sessionOf(pair)).toMatchObject({ generation });
  });

  test('that is young does not keep a session from ending when it was idle for too long', async () => {
    const pair = await register(app);
    const id = claimsOf(pair.accessToken)['sid'] as string;
    const idleExpiresAt = new Date(app.clock.now.getTime() + 5000);
    await app.database.update(sessions).set({ idleExpiresAt }).where(eq(sessions.id, id));
    app.clock.advance(4);
    await next(pair.refreshToken);
    app.clock.advance(1);
    expect(failure(await refresh(app, pair.refreshToken))).toEqual(expired);
  });
});
