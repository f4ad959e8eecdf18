import { createKeyRing } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { users } from '../../src/user/table.ts';
import { mintToken } from '../authentication/mintToken.ts';
import { claimsOf, type Pair, refresh, register } from '../support/account.ts';
import { failure, secretKey, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';
import { sessionSteps } from './sessionSteps.ts';

const day = 24 * 60 * 60;
const { invalid, expired, userInactive, userNotFound } = refusals;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const { next, rotate, sessionOf, useAccessToken } = sessionSteps(() => app);

describe('a refresh', () => {
  test('returns a new pair of the same session and sign-in, not fresh, with a higher generation', async () => {
    const first = await register(app);
    app.clock.advance(60);
    const second = await next(first.refreshToken);
    const [before, after] = [claimsOf(first.accessToken), claimsOf(second.accessToken)];
    expect(second).toMatchObject({
      tokenType: 'Bearer',
      expiresIn: 900,
      refreshExpiresIn: 14 * day,
      fresh: false,
    });
    expect(after).toMatchObject({
      sub: before['sub'],
      sid: before['sid'],
      auth_time: before['auth_time'],
      fresh: false,
    });
    expect(after['gen']).toBe(Number(before['gen']) + 1);
    expect(after['jti']).not.toBe(before['jti']);
    expect(claimsOf(second.refreshToken)['jti']).not.toBe(claimsOf(first.refreshToken)['jti']);
    expect((await useAccessToken(second)).errors).toEqual([]);
  });

  test('reads the token from the Authorization header when there is no argument', async () => {
    const { refreshToken } = await register(app);
    const answer = await app.ask('mutation { refresh { fresh } }', { token: refreshToken });
    expect(answer.data).toEqual({ refresh: { fresh: false } });
  });

  test('takes the argument before an expired access token in the header', async () => {
    const { accessToken, refreshToken } = await register(app);
    app.clock.advance(1000);
    const answer = await app.ask(
      'mutation ($token: String) { refresh(refreshToken: $token) { fresh } }',
      {
        token: accessToken,
        variables: { token: refreshToken },
      },
    );
    expect(answer.data).toEqual({ refresh: { fresh: false } });
  });

  test('without any token is refused with TOKEN_MISSING', async () => {
    const answer = await app.ask('mutation { refresh { fresh } }');
    expect(failure(answer)).toEqual({
      code: 'UNAUTHENTICATED',
      reason: 'TOKEN_MISSING',
      message: 'Sign in first: no token was sent.',
    });
  });

  test('with an access token, fresh or not, is refused with TOKEN_WRONG_TYPE', async () => {
    const { accessToken } = await register(app);
    for (const answer of [
      await refresh(app, accessToken),
      await app.ask('mutation { refresh { fresh } }', { token: accessToken }),
    ]) {
      expect(failure(answer)).toEqual({
        code: 'UNAUTHENTICATED',
        reason: 'TOKEN_WRONG_TYPE',
        message: 'This is an access token; a refresh token is needed here.',
      });
    }
  });

  test('leaves one row in the table of sessions after any number of refreshes', async () => {
    let pair: Pair = await register(app);
    const { sid, sub } = claimsOf(pair.accessToken);
    for (let count = 0; count < 50; count++) pair = await rotate(pair.refreshToken);
    const rows = await app.database
      .select()
      .from(sessions)
      .where(eq(sessions.userId, sub as string));
    expect(rows.map(({ id }) => id)).toEqual([sid]);
  });
});

describe('a session', () => {
  test('that is not refreshed for 14 days ends, and a refreshed one continues', async () => {
    const idle = await register(app);
    let used: Pair = await register(app);
    app.clock.advance(14 * day - 1);
    used = await next(used.refreshToken);
    app.clock.advance(1);
    expect(failure(await refresh(app, idle.refreshToken))).toEqual(expired);
    await next(used.refreshToken);
  });

  test('ends 30 days after the sign-in, although it is refreshed all the time', async () => {
    let pair: Pair = await register(app);
    for (let days = 0; days < 29; days++) {
      app.clock.advance(day);
      pair = await next(pair.refreshToken);
    }
    app.clock.advance(day - 60);
    pair = await next(pair.refreshToken);
    expect(pair).toMatchObject({ expiresIn: 60, refreshExpiresIn: 60 });
    app.clock.advance(60);
    expect(failure(await refresh(app, pair.refreshToken))).toEqual(expired);
    app.clock.advance(10);
    expect(failure(await useAccessToken(pair))).toEqual(expired);
  });

  test('of a disabled user is refused, and continues when the user is enabled again', async () => {
    const account = await register(app);
    const setActive = (active: boolean) =>
      app.database.update(users).set({ active }).where(eq(users.username, account.username));
    await setActive(false);
    expect(failure(await refresh(app, account.refreshToken))).toEqual(userInactive);
    expect(failure(await useAccessToken(account))).toEqual(userInactive);
    await setActive(true);
    await next(account.refreshToken);
  });

  test('of a deleted user is refused with USER_NOT_FOUND', async () => {
    const account = await register(app);
    await app.database.delete(users).where(eq(users.username, account.username));
    expect(failure(await refresh(app, account.refreshToken))).toEqual(userNotFound);
    expect(failure(await useAccessToken(account))).toEqual(userNotFound);
  });
});

test('a refresh token with one character changed is invalid', async () => {
  const { refreshToken } = await register(app);
  for (let position = 0; position < refreshToken.length; position += 7) {
    const other = refreshToken[position] === 'A' ? 'B' : 'A';
    const changed = refreshToken.slice(0, position) + other + refreshToken.slice(position + 1);
    expect(failure(await refresh(app, changed))).toEqual(invalid);
  }
  await next(refreshToken);
});

test('a refresh token whose id is not the one of its generation is invalid and changes nothing', async () => {
  const account = await register(app);
  await app.database
    .update(sessions)
    .set({ seed: Buffer.alloc(16) })
    .where(eq(sessions.id, claimsOf(account.accessToken)['sid'] as string));
  expect(failure(await refresh(app, account.refreshToken))).toEqual(invalid);
  expect(await sessionOf(account)).toMatchObject({ generation: 1, endedAt: null });
});

test.each([
  { gen: 2 ** 31 - 1 },
  { gen: 2 ** 31 },
  { gen: 2 ** 53 - 1 },
  { jti: 'a\0b' },
  { sid: 'a' },
])('a well-signed refresh token with %o is invalid', async (change) => {
  const { refreshToken } = await register(app);
  const key = createKeyRing({ secret: secretKey }).signing.refresh.verifyingKey;
  const header = JSON.parse(Buffer.from(refreshToken.split('.')[0] ?? '', 'base64url').toString());
  const token = mintToken({ header, claims: { ...claimsOf(refreshToken), ...change }, key });
  expect(failure(await refresh(app, token))).toEqual(invalid);
});
