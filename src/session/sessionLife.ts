import { and, gt, isNull, type SQL } from 'drizzle-orm';
import { sessions } from './table.ts';

/** How long a session lives, in seconds. */
export interface SessionLife {
  readonly refreshTokenExpiresInSeconds: number;
  readonly refreshIdleExpiresInSeconds: number;
}

/** The sessions that have neither ended nor run out. */
export function isLive(now: Date | SQL): SQL | undefined {
  return and(
    isNull(sessions.endedAt),
    gt(sessions.expiresAt, now),
    gt(sessions.idleExpiresAt, now),
  );
}

export function later(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}
