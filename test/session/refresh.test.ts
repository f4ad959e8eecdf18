import { createKeyRing } from '@sallyport/guards';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { users } from '../../src/user/table.ts';
import { mintToken } from '../authentication/mintToken.ts';
import { type Account, claimsOf, login, type Pair, refresh, register } from '../support/account.ts';
import { failure, secretKey, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

const day = 24 * 60 * 60;
const { invalid, expired, revoked, reused, userInactive, userNotFound } = refusals;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** Refreshes and expects a pair. */
async function next(refreshToken: string): Promise<Pair> {
  const answer = await refresh(app, refreshToken);
  expect(answer.errors).toEqual([]);
  return answer.data.refresh;
}

/** The same when the newest generation is old enough to be followed by the next. */
async function rotate(refreshToken: string): Promise<Pair> {
  app.clock.advance(10);
  return await next(refreshToken);
}

async function sessionOf({ accessToken }: Pair) {
  const sid = claimsOf(accessToken)['sid'] as string;
  const [session] = await app.database.select().from(sessions).where(eq(sessions.id, sid));
  return session;
}

async function useAccessToken({ accessToken }: Pair) {
  return await app.ask('{ me { id } }', { token: accessToken });
}

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

  test('without any token is told that a token is missing', async () => {
    const answer = await app.ask('mutation { refresh { fresh } }');
    expect(failure(answer)).toEqual({
      code: 'UNAUTHENTICATED',
      reason: 'TOKEN_MISSING',
      message: 'Sign in first: no token was sent.',
    });
  });

  test('with an access token, fresh or not, is told so', async () => {
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

  test('leaves one row, however often it is done', async () => {
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

describe('the refresh token before the newest', () => {
  let first: Account;
  let second: Pair;
  const rotateOnce = async () => {
    first = await register(app);
    second = await rotate(first.refreshToken);
  };

  test.each([0, 1, 29, 30])(
    'gives the same refresh token again %i s after the rotation',
    async (seconds) => {
      await rotateOnce();
      await useAccessToken(second);
      app.clock.advance(seconds);
      const again = await next(first.refreshToken);
      expect(again.refreshToken).toBe(second.refreshToken);
      expect((await useAccessToken(again)).errors).toEqual([]);
    },
  );

  test.each([0, 600])(
    'counts as stolen 31 s after a token of the newest was first used, %i s after the rotation',
    async (seconds) => {
      await rotateOnce();
      app.clock.advance(seconds);
      await useAccessToken(second);
      app.clock.advance(30);
      await useAccessToken(second);
      expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
      app.clock.advance(1);
      expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
      expect(await sessionOf(second)).toMatchObject({ endReason: 'reuse', endedAt: app.clock.now });
    },
  );

  test.each([31, 600, day])(
    'gives the same refresh token again %i s after the rotation, when the answer was lost',
    async (seconds) => {
      await rotateOnce();
      app.clock.advance(seconds);
      expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
    },
  );

  test('does not count as stolen when a second tab asks again just after the first one did', async () => {
    await rotateOnce();
    app.clock.advance(60);
    const again = await next(first.refreshToken);
    await useAccessToken(again);
    expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
  });

  test('does not count as stolen when another caller used what the first one was given again', async () => {
    await rotateOnce();
    app.clock.advance(60);
    const again = await next(first.refreshToken);
    expect((await next(again.refreshToken)).refreshToken).toBe(second.refreshToken);
    expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
  });

  test('lives no longer than 24 h, however often it asks again', async () => {
    await rotateOnce();
    for (let count = 0; count < 2; count++) {
      app.clock.advance(day / 2);
      expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
    }
    app.clock.advance(31);
    expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
  });

  test('counts as stolen more than 24 h after the rotation, even if no newer token was used', async () => {
    await rotateOnce();
    app.clock.advance(day + 1);
    expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
  });

  test('counts as stolen when the newest refresh token was used', async () => {
    await rotateOnce();
    await rotate(second.refreshToken);
    expect(failure(await refresh(app, first.refreshToken))).toEqual(reused);
  });
});

describe('a reused refresh token', () => {
  test('ends its session for both sides, and no other session of the user', async () => {
    const thief = await register(app);
    const other = await login(app, thief.username);
    const second = await rotate(thief.refreshToken);
    const third = await rotate(second.refreshToken);
    expect(failure(await refresh(app, thief.refreshToken))).toEqual(reused);
    expect(failure(await refresh(app, third.refreshToken))).toEqual(revoked);
    expect(failure(await useAccessToken(third))).toEqual(revoked);
    expect((await useAccessToken(other)).errors).toEqual([]);
    expect((await refresh(app, other.refreshToken)).errors).toEqual([]);
  });

  test('is logged with its session, and no token is', async () => {
    const first = await register(app);
    const second = await rotate(first.refreshToken);
    await rotate(second.refreshToken);
    app.logLines.length = 0;
    await refresh(app, first.refreshToken);
    const line = app.logLines.find((text) => text.includes('used again')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      sessionId: claimsOf(first.accessToken)['sid'],
      level: 40,
    });
    expect(app.logLines.join('')).not.toContain(first.refreshToken.slice(0, 20));
  });

  test('catches a thief and a victim who take turns, at the second exchange', async () => {
    const stolen = await register(app);
    const thief = await rotate(stolen.refreshToken);
    await useAccessToken(thief);
    app.clock.advance(60);
    expect(failure(await refresh(app, stolen.refreshToken))).toEqual(reused);
    expect(failure(await refresh(app, thief.refreshToken))).toEqual(revoked);
  });
});

test('a refresh token ahead of its session is invalid, ends nothing, and raises an alarm', async () => {
  const first = await register(app);
  const second = await rotate(first.refreshToken);
  const third = await rotate(second.refreshToken);
  const session = await sessionOf(third);
  await app.database
    .update(sessions)
    .set({ generation: 1, confirmedGeneration: 0 })
    .where(eq(sessions.id, session?.id ?? ''));
  app.logLines.length = 0;
  expect(failure(await refresh(app, third.refreshToken))).toEqual(invalid);
  expect(await sessionOf(third)).toMatchObject({ endedAt: null, generation: 1 });
  expect(
    app.logLines.some((line) => JSON.parse(line).level === 50 && line.includes('set back')),
  ).toBe(true);
  expect((await refresh(app, first.refreshToken)).errors).toEqual([]);
});

describe('a session', () => {
  test('that is not refreshed for 14 days ends, and one that is goes on', async () => {
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

  test('of a disabled user is refused, and goes on when the user is enabled again', async () => {
    const account = await register(app);
    const setActive = (active: boolean) =>
      app.database.update(users).set({ active }).where(eq(users.username, account.username));
    await setActive(false);
    expect(failure(await refresh(app, account.refreshToken))).toEqual(userInactive);
    expect(failure(await useAccessToken(account))).toEqual(userInactive);
    await setActive(true);
    await next(account.refreshToken);
  });

  test('of a deleted user says that the user is gone', async () => {
    const account = await register(app);
    await app.database.delete(users).where(eq(users.username, account.username));
    expect(failure(await refresh(app, account.refreshToken))).toEqual(userNotFound);
    expect(failure(await useAccessToken(account))).toEqual(userNotFound);
  });
});

test('no refresh token with one character changed is good', async () => {
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
