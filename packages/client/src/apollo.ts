import type { Session } from './createSession.ts';
import { onUserChange } from './onUserChange.ts';

/** Apollo Client, as far as it is used. */
export interface CachingClient {
  readonly cache: { reset(): Promise<unknown> };
  refetchObservableQueries(): Promise<unknown>;
}

/**
 * Empties the cache at sign-in, at sign-out and when another tab does either: pages show nothing of the last user, and
 * the queries that are on the page are asked again. The function that it returns ends that.
 *
 * @example
 * const link = new HttpLink({ uri: url, fetch: session.fetch });
 * const stop = followSession(session, new ApolloClient({ link, cache: new InMemoryCache() }));
 * stop();
 */
export function followSession(session: Session, client: CachingClient): () => void {
  return onUserChange(session, async () => {
    await client.cache.reset();
    // A query that fails here tells its component. `clearStore` would leave its data on the page, and `resetStore`
    // would fail the queries that are under way, although `session.fetch` answers them for the next user.
    await client.refetchObservableQueries().catch(() => {});
  });
}
