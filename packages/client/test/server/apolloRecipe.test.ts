import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  gql,
  HttpLink,
  InMemoryCache,
} from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sessions } from '../../../../src/session/table.ts';
import { claimsOf, type Pair, refresh, register } from '../../../../test/support/account.ts';
import { failure, startApp, type TestApp } from '../../../../test/support/app.ts';
import { longRunsOnce } from '../../../../test/support/longRuns.ts';
import { refusals } from '../../../../test/support/refusals.ts';

// What people write without the kit: Apollo Client as its documentation has it, and nothing that makes callers share
// a refresh.

const trials = longRunsOnce ? 6 : 2;
const trialsAtOnce = 2;
const mostJitterMilliseconds = 300;
const expiredAfterSeconds = 1000;

let app: TestApp;
let uri: string;
beforeAll(async () => {
  app = await startApp();
  uri = `${await app.http.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
});
afterAll(() => app.close());

// The server's clock runs, and stands still while this process is held up: then the requests are, too.
const tickMilliseconds = 10;
let ticking: ReturnType<typeof setInterval>;
beforeEach(() => {
  ticking = setInterval(() => app.clock.advance(tickMilliseconds / 1000), tickMilliseconds);
});
afterEach(() => clearInterval(ticking));

/** A request and its answer are each on their way for as long as it happens. */
async function fetchWithJitter(input: string | URL | Request, init?: RequestInit) {
  await jitter();
  const response = await fetch(input, init);
  await jitter();
  return response;
}

function jitter(): Promise<void> {
  const milliseconds = Math.random() * mostJitterMilliseconds;
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A page with Apollo Client, whose tokens are in variables. */
function openPage(first: Pair) {
  let pair = first;
  let refreshes = 0;

  async function getNewToken(): Promise<string> {
    refreshes++;
    const response = await fetchWithJitter(uri, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'mutation ($t: String) { refresh(refreshToken: $t) { accessToken refreshToken } }',
        variables: { t: pair.refreshToken },
      }),
    });
    const answer = (await response.json()) as { data?: { refresh: Pair } };
    if (!answer.data) throw new Error(`Refused: ${JSON.stringify(answer)}`);
    pair = answer.data.refresh;
    return `Bearer ${pair.accessToken}`;
  }

  // Apollo Client 4, "Error handling", "Retrying operations", "On GraphQL errors": the code as it stands there.
  const errorLink = new ErrorLink(({ error, operation, forward }) => {
    if (CombinedGraphQLErrors.is(error)) {
      for (const err of error.errors) {
        switch (err.extensions?.['code']) {
          case 'UNAUTHENTICATED': {
            const oldHeaders = operation.getContext()['headers'];
            operation.setContext({
              headers: {
                ...oldHeaders,
                authorization: getNewToken(),
              },
            });
            return forward(operation);
          }
        }
      }
    }
  });
  // A new token takes a request, so the header is a promise until here.
  const authLink = new SetContextLink(async ({ headers }) => ({
    headers: {
      ...headers,
      authorization: (await headers?.['authorization']) ?? `Bearer ${pair.accessToken}`,
    },
  }));
  const httpLink = new HttpLink({ uri, fetch: fetchWithJitter });
  const client = new ApolloClient({
    link: ApolloLink.from([errorLink, authLink, httpLink]),
    cache: new InMemoryCache(),
  });

  return {
    get pair() {
      return pair;
    },
    get refreshes() {
      return refreshes;
    },
    /** Sends 50 queries at once, and returns how many were answered. */
    async askFiftyTimes(): Promise<number> {
      const query = gql`query Users($first: Int) { users(first: $first) { edges { node { id } } } }`;
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          client.query<{ users: unknown }>({ query, variables: { first: index + 1 } }),
        ),
      );
      return answers.filter(({ data }) => data?.users).length;
    },
  };
}

async function endOf({ accessToken }: Pair) {
  const sid = claimsOf(accessToken)['sid'] as string;
  const [session] = await app.database.select().from(sessions).where(eq(sessions.id, sid));
  return session?.endReason;
}

describe('Apollo’s documented recipe with `ErrorLink`', () => {
  test.each([
    ['', async () => {}],
    [
      ', a minute after the answer to a refresh was lost',
      async ({ refreshToken }: Pair) => {
        expect((await refresh(app, refreshToken)).errors).toEqual([]);
        app.clock.advance(60);
      },
    ],
  ])(
    'sends 50 queries with an expired access token%s, and the session does not end',
    async (_when, happened) => {
      for (let done = 0; done < trials; done += trialsAtOnce) {
        const firsts = await Promise.all(Array.from({ length: trialsAtOnce }, () => register(app)));
        app.clock.advance(expiredAfterSeconds);
        for (const first of firsts) await happened(first);
        const pages = firsts.map(openPage);
        expect(await Promise.all(pages.map((page) => page.askFiftyTimes()))).toEqual(
          pages.map(() => 50),
        );
        expect(pages.map(({ refreshes }) => refreshes)).toEqual(pages.map(() => 50));
        expect(await Promise.all(firsts.map(endOf))).toEqual(firsts.map(() => null));
      }
    },
    180_000,
  );

  test('does not hide a stolen refresh token: its use 31 s after the rotation ends the session', async () => {
    const stolen = await register(app);
    app.clock.advance(expiredAfterSeconds);
    const page = openPage(stolen);
    expect(await page.askFiftyTimes()).toBe(50);
    app.clock.advance(31);
    expect(failure(await refresh(app, stolen.refreshToken))).toEqual(refusals.reused);
    expect(await endOf(stolen)).toBe('reuse');
    expect(failure(await refresh(app, page.pair.refreshToken))).toEqual(refusals.revoked);
  }, 60_000);
});
