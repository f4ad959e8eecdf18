import type { Session } from '@sallyport/client';

/** What is left of an access token, in seconds; 0 when it is over, null where there is no such token. */
export interface TokenTimes {
  readonly untilExpiry: number;
  /** Null when no password check made the token: it opens nothing that asks for one. */
  readonly sinceConfirmed: number | null;
}

/** Tells how old the token of a session is, by the clock of this device. Null when nobody is signed in. */
export function tokenTimes({ state }: Session, nowMilliseconds: number): TokenTimes | null {
  if (state.status === 'signedOut') return null;
  const untilExpiry = Math.max(0, Math.ceil((state.expiresAt - nowMilliseconds) / 1000));
  // What has expired is refreshed before it is sent, and then it is not fresh.
  const isFresh = state.fresh && state.confirmedAt !== null && untilExpiry > 0;
  const sinceConfirmed =
    isFresh && state.confirmedAt !== null
      ? Math.max(0, Math.floor((nowMilliseconds - state.confirmedAt) / 1000))
      : null;
  return { untilExpiry, sinceConfirmed };
}

/** `4:05` for 245 seconds, `1:00:00` for an hour. */
export function printSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
