import { eq } from 'drizzle-orm';
import { expect } from 'vitest';
import { sessions } from '../../src/session/table.ts';
import { claimsOf, type Pair, refresh } from '../support/account.ts';
import type { TestApp } from '../support/app.ts';

/** What a client does with its tokens, and what the database then has of its session. */
export function sessionSteps(appNow: () => TestApp) {
  /** Refreshes and expects a pair. */
  async function next(refreshToken: string): Promise<Pair> {
    const answer = await refresh(appNow(), refreshToken);
    expect(answer.errors).toEqual([]);
    return answer.data.refresh;
  }

  /** The same when the newest generation is old enough to be followed by the next. */
  async function rotate(refreshToken: string): Promise<Pair> {
    appNow().clock.advance(10);
    return await next(refreshToken);
  }

  async function sessionOf({ accessToken }: Pair) {
    const sid = claimsOf(accessToken)['sid'] as string;
    const [session] = await appNow().database.select().from(sessions).where(eq(sessions.id, sid));
    return session;
  }

  async function useAccessToken({ accessToken }: Pair) {
    return await appNow().ask('{ me { id } }', { token: accessToken });
  }

  return { next, rotate, sessionOf, useAccessToken };
}
