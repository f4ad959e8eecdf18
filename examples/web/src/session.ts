import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { type AskPassword, createSession, localStorageStorage } from '@sallyport/client';
import { followSession } from '@sallyport/client/apollo';
import { useSyncExternalStore } from 'react';

// The same origin: `vite.config.ts` passes it on to the server.
const url = '/graphql';

let ask: AskPassword = () => null;

/** Says what asks the person for their password: the dialog that is on the page. */
export function askPasswordWith(question: AskPassword): void {
  ask = question;
}

export const session = createSession({
  url,
  askPassword: (question) => ask(question),
  // A reload stays signed in, and all tabs share the session. Any script on the page can read it there.
  storage: localStorageStorage(),
});

export const client = new ApolloClient({
  link: new HttpLink({ uri: url, fetch: session.fetch }),
  cache: new InMemoryCache(),
});
followSession(session, client);

/** What is known of the session, kept up to date. */
export function useSession() {
  return useSyncExternalStore(session.subscribe, () => session.state);
}
