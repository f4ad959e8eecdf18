import { host } from './host.ts';
import type { Fetch, Server } from './server.ts';

/**
 * Where the pair of tokens is kept, as text. React Native has storages that answer later: then `state` is `signedOut`
 * until the first answer, and every other call waits for it.
 */
export interface SessionStorage {
  /** Set where several tabs share the storage: the name of the lock that they take for a refresh. */
  readonly name?: string;
  read(): string | null | Promise<string | null>;
  write(value: string): void | Promise<void>;
  /** Calls the listener when another tab wrote. */
  subscribe?(listener: () => void): void;
  /** Is told of the server before all else, and returns what requests are sent with. */
  connect?(server: Server): Fetch;
}

/**
 * Keeps the pair as long as the page lives: after a reload the person signs in again. Nobody can take it from the disk.
 *
 * @example
 * const mine = createSession({ url, storage: memoryStorage(), singleUser: true });
 * console.log(mine.state.status); // signedOut
 */
export function memoryStorage(): SessionStorage {
  let stored: string | null = null;
  return {
    read: () => stored,
    write(value) {
      stored = value;
    },
  };
}

/**
 * Keeps the pair in `localStorage`: the person stays signed in across reloads, and all tabs share one session. The
 * price: every script that ever runs on the origin, one injected through some hole included, can read the refresh token
 * and use it elsewhere, for as long as the session lives; and it lies on the disk in clear. Cookies do not have that
 * price.
 *
 * @example
 * // In a browser; elsewhere, where there is no localStorage, nothing is kept.
 * const mine = createSession({ url, storage: localStorageStorage(), singleUser: true });
 * console.log(mine.state.status); // signedOut
 */
export function localStorageStorage(key = 'sallyport'): SessionStorage {
  const { localStorage } = host;
  // A page that a server renders has no storage until it is in the browser.
  if (!localStorage) return memoryStorage();
  return {
    name: key,
    read: () => localStorage.getItem(key),
    write: (value) => localStorage.setItem(key, value),
    // What another key holds is told too, and changes nothing.
    subscribe: (listener) => host.addEventListener?.('storage', listener),
  };
}
