import type { AuthErrorReason } from './authErrorCodes.ts';
import { type Clock, systemClock } from './clock.ts';
import { isOnePersonsDevice } from './host.ts';
import { createKeeper, type SessionState } from './keeper.ts';
import type { Pair } from './pair.ts';
import { createRefresh } from './refresh.ts';
import { ask, askForPair, type Fetch, type Texts } from './server.ts';
import { createSessionFetch, type SessionFetch } from './sessionFetch.ts';
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
  /** Exchanges the pair for the next one now. It comes by itself when it is needed. @throws SessionError */
  refresh(): Promise<void>;
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
  fetch: send = (input, init) => globalThis.fetch(input, init),
  clock = systemClock,
  singleUser,
}: SessionOptions): Session {
  const isForOneUser = singleUser || isOnePersonsDevice();
  const fetch = (isForOneUser && storage.connect?.({ url, fetch: send, clock })) || send;
  const keeper = createKeeper(storage, onEnd, isForOneUser);
  const surroundings = { url, fetch, clock, keeper, lock: storage.name };
  const refresh = createRefresh(surroundings);
  const stepUp = askPassword ? createStepUp(keeper, askPassword, freshen) : null;
  const { sessionFetch, usablePair } = createSessionFetch({
    ...surroundings,
    refresh,
    stepUp,
  });
  const own = { ...surroundings, fetch: sessionFetch };

  // A device that was signed in is counted by itself when it signs in again: its token goes along.
  async function open(field: string, texts: Texts): Promise<void> {
    const replaced = await keeper.replace(await askForPair(own, field, texts));
    // The new session holds even when the server cannot be told about the old one, which then runs out by itself. The
    // cookies are those of the new one by now, and stay: `send` does not say that they are this session's.
    if (replaced) await logout(send, replaced).catch(() => {});
  }

  async function renew(field: string, texts: Texts): Promise<void> {
    await keeper.keep(await askForPair(own, field, texts), null);
  }

  function freshen(password: string): Promise<void> {
    return renew('freshLogin', { password });
  }

  // Without a refresh token at hand, the access token says which session it is.
  async function logout(by: Fetch, { accessToken, refreshToken }: Pair): Promise<void> {
    const headers = { authorization: `Bearer ${accessToken}`, 'x-token-location': 'headers' };
    await ask(
      { ...surroundings, fetch: by },
      'logout',
      { refreshToken },
      refreshToken ? {} : { headers },
    );
  }

  async function accessToken(): Promise<string | null> {
    return (await usablePair())?.accessToken ?? null;
  }

  return {
    signIn: (credentials) => open('login', credentials),
    register: (account) => open('register', account),
    async signOut() {
      await keeper.ready();
      const pair = await keeper.replace(null);
      if (pair) await logout(fetch, pair);
    },
    async signOutEverywhere() {
      const count = await ask(own, 'logoutEverywhere');
      await keeper.replace(null);
      return count as number;
    },
    freshen,
    async refresh() {
      const pair = await keeper.ready();
      if (pair) await refresh(pair);
    },
    changePassword: (newPassword) => renew('changePassword', { newPassword }),
    accessToken,
    fetch: sessionFetch,
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
