import type { AuthErrorReason } from './authErrorCodes.ts';
import { expiryOf, isSame, joinPairs, type Pair, toPair } from './pair.ts';
import type { SessionStorage } from './storage.ts';

/** What a page shows of the session. The same object until something changes. */
export type SessionState =
  | {
      readonly status: 'signedOut';
      /** Why the server ended the session; null when nobody is signed in, or a person signed out. */
      readonly endReason: AuthErrorReason | null;
    }
  | {
      readonly status: 'signedIn';
      readonly userId: string;
      /**
       * Whether the access token opens fields that need a fresh one, as long as the password's check is not too old.
       */
      readonly fresh: boolean;
      /** When the password was last checked, in milliseconds of this device's clock; null when that is not known. */
      readonly confirmedAt: number | null;
      /** When the access token expires, in milliseconds of this device's clock. A refresh comes by itself. */
      readonly expiresAt: number;
    };

export type Keeper = ReturnType<typeof createKeeper>;

/** Keeps the pair of this tab, in step with the storage that it may share with others. */
export function createKeeper(
  storage: SessionStorage,
  onEnd: (reason: AuthErrorReason | null) => void,
  isForOneUser: boolean,
) {
  const listeners = new Set<() => void>();
  let pair: Pair | null = null;
  let state: SessionState = { status: 'signedOut', endReason: null };
  let isLoaded = false;
  let turn: Promise<unknown> = Promise.resolve();

  function show(next: Pair | null, endReason: AuthErrorReason | null = null): void {
    const isKnown = next
      ? next.accessToken === pair?.accessToken
      : (state as { readonly endReason?: AuthErrorReason | null }).endReason === endReason;
    pair = next;
    if (isKnown) return;
    state = next
      ? {
          status: 'signedIn',
          userId: next.userId,
          fresh: next.fresh,
          confirmedAt: next.confirmedAt,
          expiresAt: expiryOf(next),
        }
      : { status: 'signedOut', endReason };
    for (const listener of [...listeners]) listener();
  }

  function adopt(text: string | null): Pair | null {
    const value = parse(text);
    const [stored, endReason] = [toPair(value), value.endReason ?? null];
    const wasSignedIn = pair !== null;
    isLoaded = true;
    show(stored, endReason);
    // The tab that ended the session has told its own listener; this tab tells its own.
    if (wasSignedIn && !stored) onEnd(endReason);
    return pair;
  }

  // One change after the other, so that what was read still holds when it is replaced.
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work, work);
    turn = result;
    return result;
  }

  async function read(): Promise<Pair | null> {
    return adopt(await storage.read());
  }

  function change<Result>(work: (current: Pair | null) => Promise<Result>): Promise<Result> {
    return inTurn(async () => work(await read()));
  }

  async function write(next: Pair | null, endReason: AuthErrorReason | null = null): Promise<void> {
    await storage.write(JSON.stringify(next ?? { endReason }));
    show(next, endReason);
  }

  const stored = storage.read();
  if (stored instanceof Promise) turn = stored.then(adopt);
  else adopt(stored);
  // A storage that cannot be read now is read again, and its error told, when the session is used.
  turn.catch(() => {});
  storage.subscribe?.(() => void inTurn(read).catch(() => {}));

  return {
    get pair() {
      return pair;
    },
    get state() {
      return state;
    },
    /** Resolves with the pair when what was stored is known. @throws TypeError where it could be anybody's */
    async ready(): Promise<Pair | null> {
      if (!isForOneUser) {
        throw new TypeError('On a server, make one session per request, with `singleUser: true`.');
      }
      if (!isLoaded) await inTurn(read);
      return pair;
    },
    /** What the storage holds now: another tab may have written. */
    read: () => inTurn(read),
    /** Keeps the first pair of a session, or none. Returns what that replaced. */
    replace: (next: Pair | null) =>
      change(async (before) => {
        await write(next);
        return before;
      }),
    /**
     * Keeps a further pair of a session, in place of the one that was used up for it, unless the session has been left
     * or has a newer pair by now. Returns what holds then.
     */
    keep: (next: Pair, used: Pair | null) =>
      change(async (current) => {
        // All tabs have one cookie. Where somebody signed in in another tab, it was exchanged for a pair of theirs.
        const isInPlace = current && used && isSame(current, used);
        if (!isInPlace && current?.sessionId !== next.sessionId) return current;
        const kept = isInPlace ? next : joinPairs(next, current);
        if (kept !== current) await write(kept);
        return kept;
      }),
    /**
     * Ends the session for a reason of the server, unless another tab has replaced the pair that was refused. Returns
     * what holds then.
     */
    end: (refused: Pair, reason: AuthErrorReason) =>
      change(async (current) => {
        const isOver = current?.sessionId === refused.sessionId && reason === 'TOKEN_REUSED';
        if (!current || (!isOver && !isSame(current, refused))) return current;
        await write(null, reason);
        onEnd(reason);
        return null;
      }),
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function parse(text: string | null): { readonly endReason?: AuthErrorReason } {
  try {
    return JSON.parse(text as string) ?? {};
  } catch {
    // Not a pair of ours, or cut off: nobody is signed in.
    return {};
  }
}
