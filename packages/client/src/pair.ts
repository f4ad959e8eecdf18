/** What `TokenPair` of the server's schema is asked for. */
export interface TokenPair {
  readonly accessToken: string;
  /** Null when it travels in a cookie. */
  readonly refreshToken: string | null;
  readonly expiresIn: number;
  readonly fresh: boolean;
}

/**
 * A pair of tokens as it is kept. Times are milliseconds of this device's clock, so a clock that is off does no harm.
 */
export interface Pair extends TokenPair {
  readonly receivedAt: number;
  /** When the password was last checked, as far as this device knows; null when it does not. */
  readonly confirmedAt: number | null;
  readonly userId: string;
  readonly sessionId: string;
  /** Which pair of its session this is: it rises with every rotation, whichever tab asked for it. */
  readonly generation: number;
}

/** @throws TypeError when the access token is not one of Sallyport's */
export function receivePair(pair: TokenPair, receivedAt: number, before: Pair | null): Pair {
  const { sub: userId, sid: sessionId, gen: generation } = claimsOf(pair.accessToken);
  const known = before && before.sessionId === sessionId ? before.confirmedAt : null;
  const confirmedAt = pair.fresh ? receivedAt : known;
  const received = { ...pair, receivedAt, confirmedAt, userId, sessionId, generation };
  if (toPair(received)) return received;
  throw new TypeError('The token names no user.');
}

// Nobody is let in by what is read here: it only tells which of two pairs is newer, and whose it is.
function claimsOf(token: string) {
  const [, payload = ''] = token.split('.');
  return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
}

/** What was stored, if it is a pair: what else is found there is somebody else's. */
export function toPair(value: unknown): Pair | null {
  const pair = value as Pair | null;
  return typeof pair?.userId === 'string' && typeof pair.generation === 'number' ? pair : null;
}

/** When the access token expires, by this device's clock. */
export function expiryOf({ receivedAt, expiresIn }: Pair): number {
  return receivedAt + expiresIn * 1000;
}

/** Whether the pair is to be exchanged before it is used again. */
export function needsRefresh(pair: Pair, now: number): boolean {
  // Between the confirmation of a password and what it was given for, a refresh would make the token stale again.
  if (pair.fresh) return now >= expiryOf(pair);
  const marginMilliseconds = Math.min(15_000, pair.expiresIn * 250);
  // A clock that was set back says nothing about the expiry.
  return now >= expiryOf(pair) - marginMilliseconds || now < pair.receivedAt;
}

/** Whether two are the same pair: one access token can stand beside several refresh tokens, one after the other. */
export function isSame(one: Pair, other: Pair): boolean {
  return one.accessToken === other.accessToken && one.generation === other.generation;
}

/** What to go on with when a further pair of a session has come. */
export function joinPairs(next: Pair, current: Pair): Pair {
  const [newer, older] = current.generation > next.generation ? [current, next] : [next, current];
  if (newer.fresh || !older.fresh) return newer;
  // A refresh that was under way when the password was confirmed must not undo that: the fresh access token is still
  // good.
  const { refreshToken, generation } = newer;
  return { ...older, refreshToken, generation };
}
