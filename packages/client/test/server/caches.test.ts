import { gql as apolloGql } from '@apollo/client';
import { cacheExchange, gql, type OperationResult } from '@urql/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pipe, subscribe } from 'wonka';
import { eventually } from '../../../../test/support/eventually.ts';
import { followSession as followWithApollo } from '../../src/apollo.ts';
import { reasonOf } from '../../src/index.ts';
import { followSession as followWithUrql } from '../../src/urql.ts';
import { connectApollo, connectUrql } from '../support/clients.ts';
import {
  createGate,
  openTab,
  password,
  type Service,
  sharedStorage,
  signUp,
  startService,
  type Tab,
} from '../support/service.ts';

let service: Service;
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => void unhandled.push(error);
beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  service = await startService();
});
beforeEach(() => service.wire.forget());
afterEach(() => expect(unhandled).toEqual([]));
afterAll(async () => {
  process.off('unhandledRejection', onUnhandled);
  await service.close();
});

interface Seen {
  readonly username: string | null;
  readonly reason: string | null;
}

/** A page with one query on it, and one that asks now and then. */
interface Page {
  /** What the query on the page showed, one after the other. */
  readonly shown: Seen[];
  ask(): Promise<unknown>;
  /** Asks past the cache. */
  askServer(): Promise<unknown>;
  close(): void;
}

const viewer = '{ me { username } }';

const policies = ['cache-first', 'cache-and-network', 'network-only', 'no-cache'] as const;

const pages: [string, (tab: Tab) => Page][] = [
  ...policies.map((fetchPolicy): [string, (tab: Tab) => Page] => [
    `Apollo Client, ${fetchPolicy}`,
    ({ session }) => {
      const client = connectApollo(session, service.wire);
      const unfollow = followWithApollo(session, client);
      const shown: Seen[] = [];
      const query = apolloGql(viewer);
      const watched = client
        .watchQuery<{ me: { username: string | null } | null }>({
          query,
          fetchPolicy,
          notifyOnNetworkStatusChange: true,
        })
        .subscribe(({ data, error }) => {
          shown.push({
            username: data?.me?.username ?? null,
            reason: reasonOf(error),
          });
        });
      return {
        shown,
        askServer: async () => (await client.query({ query, fetchPolicy: 'network-only' })).data,
        async ask() {
          const policy = fetchPolicy === 'cache-and-network' ? 'network-only' : fetchPolicy;
          return (await client.query({ query, fetchPolicy: policy, errorPolicy: 'all' })).data;
        },
        close() {
          watched.unsubscribe();
          unfollow();
        },
      };
    },
  ]),
  [
    'urql',
    ({ session }) => {
      const client = connectUrql(session, service.wire, [followWithUrql(session, cacheExchange)]);
      const shown: Seen[] = [];
      const query = gql(viewer);
      const watched = pipe(
        client.query(query, {}),
        subscribe(({ data, error }: OperationResult) => {
          shown.push({
            username: data?.me?.username ?? null,
            reason: reasonOf(error),
          });
        }),
      );
      return {
        shown,
        ask: async () => (await client.query(query, {})).data,
        askServer: async () =>
          (await client.query(query, {}, { requestPolicy: 'network-only' })).data,
        close: watched.unsubscribe,
      };
    },
  ],
];

describe.each(pages)('%s', (_name, open) => {
  const last = (page: Page) => page.shown.at(-1);

  test('a sign-out takes the last user from the page, active queries included, before the server answers', async () => {
    const tab = openTab(service);
    const username = await signUp(tab, service);
    const page = open(tab);
    await eventually(() => expect(last(page)).toEqual({ username, reason: null }));
    const { gate, open: answer } = createGate();
    service.wire.plan('me', { before: gate });
    await tab.session.signOut();
    await eventually(() => expect(last(page)?.username ?? null).toBeNull());
    answer();
    await eventually(() => expect(last(page)).toEqual({ username: null, reason: 'TOKEN_MISSING' }));
    expect(await page.ask()).not.toMatchObject({ me: { username } });
    page.close();
  });

  test('a sign-in replaces the nulls of the anonymous caller on the page', async () => {
    const tab = openTab(service);
    const page = open(tab);
    await eventually(() => expect(last(page)?.reason).toBe('TOKEN_MISSING'));
    const username = await signUp(tab, service);
    await eventually(() => expect(last(page)).toEqual({ username, reason: null }));
    expect(await page.ask()).toMatchObject({ me: { username } });
    page.close();
  });

  test('after a sign-in of another user in another tab, the page shows the new user, and nothing of the last', async () => {
    const browser = sharedStorage();
    const tab = openTab(service, { storage: browser.openTab().storage });
    const other = openTab(service, { storage: browser.openTab().storage });
    const first = await signUp(tab, service);
    const page = open(tab);
    await eventually(() => expect(last(page)).toEqual({ username: first, reason: null }));
    const { gate, open: answer } = createGate();
    service.wire.plan('me', { after: gate });
    const late = page.askServer();
    await eventually(() => expect(service.wire.count('me')).toBe(2));
    const second = await signUp(other, service);
    answer();
    await eventually(() => expect(last(page)).toEqual({ username: second, reason: null }));
    expect(await late).toMatchObject({ me: { username: second } });
    expect(page.shown.slice(-1)).toEqual([{ username: second, reason: null }]);
    expect(await page.ask()).toMatchObject({ me: { username: second } });
    page.close();
  });

  test('a query that finds the session ended is sent again for an anonymous caller', async () => {
    const tab = openTab(service);
    const username = await signUp(tab, service);
    const page = open(tab);
    await eventually(() => expect(last(page)).toEqual({ username, reason: null }));
    const other = openTab(service);
    await other.session.signIn({ username, password });
    await other.session.signOutEverywhere();
    await page.askServer().catch(() => {});
    await eventually(() => expect(last(page)).toEqual({ username: null, reason: 'TOKEN_MISSING' }));
    page.close();
  });

  test('a refresh leaves the page as it is', async () => {
    const tab = openTab(service);
    const username = await signUp(tab, service);
    const page = open(tab);
    await eventually(() => expect(last(page)).toEqual({ username, reason: null }));
    const shown = page.shown.length;
    service.app.clock.advance(1000);
    await tab.session.accessToken();
    await tab.session.freshen(password);
    expect(page.shown).toHaveLength(shown);
    expect(service.wire.count('me')).toBe(1);
    page.close();
  });
});
