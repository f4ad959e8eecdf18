import type { AuthErrorReason } from './authErrorCodes.ts';
import { type Clock, systemClock } from './clock.ts';
import { isOnePersonsDevice } from './host.ts';
import { createKeeper, type SessionState } from './keeper.ts';
import { type Pair, receivePair } from './pair.ts';
import { createRefresh } from './refresh.ts';
import { ask, askAboutSession, askForPair, type Fetch, type Mutation } from './server.ts';
import { createSessionFetch, type Machine, type SessionFetch, usablePair } from './sessionFetch.ts';
import { type AskPassword, createStepUp } from './stepUp.ts';
import { memoryStorage, type SessionStorage } from './storage.ts';

export interface SessionOptions {
  /** Where the API is: `/graphql`, or with an origin. */
  readonly url: string;
  /** Asks the person for their password when an operation needs a fresh token. Without it, such an operation fails. */
  readonly askPassword?: AskPassword;
  /**
   * Called when the session ended and this tab did not ask for it: with the server's reason, or with null when the
   * person signed out in another tab. `TOKEN_REUSED` means that somebody else may have had the refresh token: say so.
   */
  readonly onEnd?: (reason: AuthErrorReason | null) => void;
  /** Where the pair of tokens is kept: in memory, unless said otherwise. */
  readonly storage?: SessionStorage;
  /** What requests are sent with: the runtime's own `fetch`, unless said otherwise. */
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /**
   * Says, where the program is not on one person's device (a server, a script), that this session has one user: it was
   * made for one request, or the whole program is that user's. Without it, using the session there throws, because a
   * session at the level of a module would give one visitor's tokens to the next.
   */
  readonly singleUser?: boolean;
}

export interface Session {
  /** @throws SessionError: `INVALID_CREDENTIALS`, `RATE_LIMITED` */
  signIn(credentials: { username: string; password: string; device?: string }): Promise<void>;
  /** Makes an account and signs it in. @throws SessionError: `REGISTRATION_CLOSED`, `CONFLICT`, `BAD_USER_INPUT` */
  register(account: { username: string; password: string; fullName?: string }): Promise<void>;
  /**
   * Signs out here at once, then tells the server. Fails when that cannot be told; here nobody is signed in even so.
   */
  signOut(): Promise<void>;
  /** Ends all sessions of the user, and returns how many. When it fails, none has ended. */
  signOutEverywhere(): Promise<number>;
  /** Confirms the password of who is signed in, so that the token is fresh again. @throws SessionError */
  freshen(password: string): Promise<void>;
  /** Changes the password, and goes on with the new pair. Sent in any other way, it would end this session too. */
  changePassword(newPassword: string): Promise<void>;
  /** An access token that is good for at least the next seconds; null when nobody is signed in. */
  accessToken(): Promise<string | null>;
  /** For every client of GraphQL that takes a `fetch`. */
  readonly fetch: SessionFetch;
  /** For `graphql-ws`: `createClient({ url, connectionParams: session.connectionParams })`. */
  connectionParams(): Promise<{ Authorization?: string }>;
  /**
   * What is known now, the same object until that changes: `useSyncExternalStore(session.subscribe, () =>
   * session.state)`.
   */
  readonly state: SessionState;
  subscribe(listener: () => void): () => void;
}

/**
 * Makes the session of a page: what signs in, refreshes, asks for the password and repeats, below every client of
 * GraphQL.
 *
 * @example
 * const mine = createSession({ url, askPassword: () => 'correct horse battery', singleUser: true });
 * await mine.register({ username: 'grace', password: 'correct horse battery' });
 * console.log(mine.state.status); // signedIn
 */
export function createSession({
  url,
  askPassword,
  onEnd = () => {},
  storage = memoryStorage(),
  fetch = (input, init) => globalThis.fetch(input, init),
  clock = systemClock,
  singleUser = false,
}: SessionOptions): Session {
  const keeper = createKeeper(storage, onEnd);
  const surroundings = { url, fetch, clock, keeper, lockName: storage.name ?? null };
  const refresh = createRefresh(surroundings);
  const machine: Machine = {
    ...surroundings,
    refresh,
    stepUp: askPassword ? createStepUp(keeper, askPassword, freshen) : null,
  };
  const sessionFetch = createSessionFetch(machine);

  async function open(mutation: Mutation): Promise<void> {
    requireOneUser();
    await keeper.ready();
    // A device that was signed in is counted by itself when it signs in again.
    const { pair: before } = keeper;
    const headers = before ? { authorization: `Bearer ${before.accessToken}` } : {};
    const pair = await askForPair(fetch, url, mutation, { headers });
    const replaced = await keeper.replace(receivePair(pair, clock.now(), null));
    // The new session holds even when the server cannot be told about the old one, which then runs out by itself.
    if (replaced) await logout(replaced).catch(() => {});
  }

  async function renew(field: string, texts: Record<string, string>): Promise<void> {
    requireOneUser();
    const pair = await askForPair(sessionFetch, url, { field, texts });
    await keeper.keep(receivePair(pair, clock.now(), null), null);
  }

  function freshen(password: string): Promise<void> {
    return renew('freshLogin', { password });
  }

  async function logout(pair: Pair): Promise<void> {
    await askAboutSession(surroundings, pair, 'logout', ask);
  }

  function requireOneUser(): void {
    if (singleUser || isOnePersonsDevice()) return;
    throw new TypeError(
      'A session serves one user. On a server, make one for each request, with `singleUser: true`.',
    );
  }

  async function accessToken(): Promise<string | null> {
    requireOneUser();
    return (await usablePair(machine))?.accessToken ?? null;
  }

  return {
    signIn: (credentials) => open({ field: 'login', texts: credentials }),
    register: (account) => open({ field: 'register', texts: account }),
    async signOut() {
      requireOneUser();
      const pair = await keeper.replace(null);
      if (pair) await logout(pair);
    },
    async signOutEverywhere() {
      requireOneUser();
      const count = await ask(sessionFetch, url, { field: 'logoutEverywhere' });
      await keeper.replace(null);
      return Number(count);
    },
    freshen,
    changePassword: (newPassword) => renew('changePassword', { newPassword }),
    accessToken,
    async fetch(input, init) {
      requireOneUser();
      return await sessionFetch(input, init);
    },
    async connectionParams() {
      const token = await accessToken();
      return token === null ? {} : { Authorization: `Bearer ${token}` };
    },
    get state() {
      return keeper.state;
    },
    subscribe: keeper.subscribe,
  };
}
