import type { AuthErrorReason } from './authErrorCodes.ts';
import type { Session } from './createSession.ts';
import { onUserChange } from './onUserChange.ts';
import { reasonOf } from './reasonOf.ts';

/** Apollo Client, as far as it is used. */
export interface CachingClient {
  readonly cache: { reset(): Promise<unknown> };
  getObservableQueries(include: 'active'): Iterable<ActiveQuery>;
}

interface ActiveQuery {
  readonly options: { readonly fetchPolicy?: string };
  refetch(): Promise<{ readonly error?: unknown }>;
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
    const { endReason } = session.state as { readonly endReason?: AuthErrorReason | null };
    // `clearStore` would leave the data of the last user on the page, and `resetStore` would fail the queries that are
    // under way, although `session.fetch` answers them for the next user.
    for (const query of client.getObservableQueries('active')) {
      if (query.options.fetchPolicy !== 'cache-only') void askAgain(query, endReason);
    }
  });
}

// Apollo answers a query that is under way already with the answer to that: for the one that found the session ended,
// its refusal. A query that fails tells its component.
async function askAgain(query: ActiveQuery, endReason?: AuthErrorReason | null): Promise<void> {
  const ask = () =>
    query.refetch().then(
      ({ error }) => error,
      (error) => error,
    );
  const failure = await ask();
  if (endReason && reasonOf(failure) === endReason) await ask();
}
