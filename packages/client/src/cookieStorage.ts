import { isAboutToken } from './refresh.ts';
import { askForNextPair, type Fetch, type Server } from './server.ts';
import type { SessionError } from './sessionError.ts';
import { memoryStorage, type SessionStorage } from './storage.ts';

/**
 * Has the server keep the refresh token in a cookie that no script can read: the person stays signed in across reloads,
 * and all tabs share one session. A page that is opened asks the server for it; the access token is in memory. It needs
 * `JWT_TOKEN_LOCATION=headers,cookies` there.
 *
 * @example
 * // In a browser; elsewhere nothing keeps cookies.
 * const mine = createSession({ url, storage: cookieStorage(), singleUser: true });
 * console.log(mine.state.status); // signedOut
 */
export function cookieStorage(): SessionStorage {
  const memory = memoryStorage();
  let server: Server | null = null;
  return {
    connect(given) {
      server = { ...given, fetch: withCookies(given.fetch) };
      return server.fetch;
    },
    read: () => memory.read() ?? (server && restore(server, memory)),
    write: memory.write,
  };
}

async function restore(server: Server, { write }: SessionStorage): Promise<string> {
  const text = await askForNextPair(server, null).then(
    (pair) => JSON.stringify(pair),
    (error: SessionError) => {
      if (isAboutToken(error.reason)) return '{}';
      throw error;
    },
  );
  await write(text);
  return text;
}

function withCookies(fetch: Fetch): Fetch {
  return (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('x-token-location', 'cookies');
    return fetch(input, { ...init, headers, credentials: 'include' });
  };
}
