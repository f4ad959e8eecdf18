import type { AuthErrorReason } from './authErrorCodes.ts';
import { type Clock, signalAfter } from './clock.ts';
import { host, type Locks } from './host.ts';
import type { Keeper } from './keeper.ts';
import { needsRefresh, type Pair } from './pair.ts';
import { askForNextPair, type Server } from './server.ts';
import { SessionError } from './sessionError.ts';

/**
 * Whether a reason is about a token or its user. An access token is exchanged for each of them; a refresh token that is
 * refused for one will never be accepted, and its session is over. Whatever else goes wrong leaves the session as it
 * is.
 */
export function isAboutToken(reason: unknown): reason is AuthErrorReason {
  return /^(TOKEN|USER)_/.test(reason as string);
}

export interface Surroundings extends Server {
  readonly keeper: Keeper;
  readonly lock: string | undefined;
}

export type Refresh = (used: Pair) => Promise<Pair | null>;

/**
 * Makes the one refresh of a tab: whoever needs another pair than the one they used waits for the same answer. It
 * returns what holds afterwards, null when nobody is signed in any more, and fails when the server cannot be asked.
 */
export function createRefresh(surroundings: Surroundings): Refresh {
  const { lock, clock } = surroundings;
  let running: Promise<Pair | null> | null = null;
  return (used) => {
    running ??= withLock(lock, clock, () => exchange(used, surroundings)).finally(() => {
      running = null;
    });
    return running;
  };
}

async function exchange(used: Pair, surroundings: Surroundings): Promise<Pair | null> {
  const { keeper, clock } = surroundings;
  for (let attempt = 1; ; attempt++) {
    // Read and sent without a pause in between: a tab that froze there would wake up with a token from long ago.
    const current = await keeper.read();
    if (!current) return null;
    const isUsed = current.accessToken === used.accessToken;
    if (!isUsed && !needsRefresh(current, clock.now())) return current;
    try {
      const next = await askForNextPair(surroundings, current);
      return await keeper.keep(next, isUsed ? current : null);
    } catch (error) {
      const isAnswer = error instanceof SessionError;
      if (isAnswer && isAboutToken(error.reason)) return await keeper.end(current, error.reason);
      // An answer that was lost is asked for again, and the server returns the same pair.
      if (isAnswer || attempt === 2) throw error;
    }
  }
}

// The server makes the lock unnecessary; it saves requests. A tab that is frozen may hold it for ever.
async function withLock<Result>(
  name: string | undefined,
  clock: Clock,
  work: () => Promise<Result>,
): Promise<Result> {
  const locks: Locks | undefined = host.navigator?.locks;
  if (!name || !locks) return await work();
  const [signal, hurry] = signalAfter(clock, 5_000);
  let begun: Promise<Result> | null = null;
  try {
    return await locks.request(name, { signal }, () => {
      hurry();
      begun = work();
      return begun;
    });
  } catch {
    return await (begun ?? work());
  }
}
