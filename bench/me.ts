import type { Benchmark } from './compare.ts';
import { repeat } from './load.ts';
import { startPeers } from './peerServers.ts';
import { onEmbedded, onPostgres, register, startSallyports } from './sallyport.ts';
import { startServer } from './server.ts';

const query = '{ me { id username } }';
const stock = 'stock Apollo, no authentication';
const bare = 'Apollo on nothing but `node:http`';
const byHand = 'Apollo by hand, on Postgres';
const mercurius = 'Mercurius and mercurius-auth, on Postgres';

/** What a signed-in request costs: the signature, the session and the user by the database, the guards. */
export const me: Benchmark = {
  title: `\`${query}\` with an access token, 32 connections: Sallyport, against stock Apollo that serves the same schema with a constant user, and against others that verify a token and ask for the same row`,
  start: async (later) => {
    const apollo = await startServer(['bench/peers/plainApollo.mjs'], {}, later);
    const sallyports = await startSallyports(later);
    const signedIn = await Promise.all(
      sallyports.map(async (sallyport) => {
        const { accessToken } = await register(sallyport.url);
        return { ...sallyport, token: accessToken };
      }),
    );
    const peers = await Promise.all(signedIn.map((one) => startPeers(one, later)));
    // A token of the usual length travels to Apollo as well, which does not look at it.
    const token = 'x'.repeat(450);
    return [
      { name: stock, load: repeat(apollo, { query, token }, 32) },
      ...[...peers.flat(), ...signedIn].map(({ name, url, token }) => ({
        name,
        load: repeat(url, { query, token }, 32),
      })),
    ];
  },
  goals: [
    goal(onPostgres, stock, 1.1),
    goal(onEmbedded, stock, 1),
    goal(onPostgres, byHand, 1.7),
    goal(onPostgres, mercurius, 1),
  ],
};

/** What it costs when nobody else asks: nothing waits for others to travel along. */
export const meAlone: Benchmark = {
  title: `\`${query}\` with an access token, one connection to an idle server`,
  start: async (later) => {
    const sallyports = await startSallyports(later);
    const contestants = await Promise.all(
      sallyports.map(async (sallyport) => {
        const { accessToken } = await register(sallyport.url);
        const signedIn = { ...sallyport, token: accessToken };
        return [...(await startPeers(signedIn, later)), signedIn];
      }),
    );
    // Apollo by hand comes first, where it runs.
    return contestants
      .reverse()
      .flat()
      .map(({ name, url, token }) => ({ name, load: repeat(url, { query, token }, 1) }));
  },
  goals: [
    {
      work: `p50 of \`me\` alone: ${onPostgres} / ${byHand}`,
      bound: 'at most',
      goal: 1,
      of: onPostgres,
      to: byHand,
      by: 'p50',
    },
  ],
};

/** What a request costs that needs no caller. */
export const serverTime: Benchmark = {
  title:
    '`{ serverTime }`, open to everyone, 32 connections: Sallyport, against stock Apollo, and against the least that can stand around Apollo',
  start: async (later) => {
    const apollo = await startServer(['bench/peers/plainApollo.mjs'], {}, later);
    const bareApollo = await startServer(['bench/peers/bareApollo.mjs'], {}, later);
    // What is asked for is another one in each answer.
    const toLoad = (url: string) => repeat(url, { query: '{ serverTime }' }, 32, 'any answer');
    const sallyports = await startSallyports(later);
    return [
      { name: stock, load: toLoad(apollo) },
      { name: bare, load: toLoad(bareApollo) },
      ...sallyports.map(({ name, url }) => ({ name, load: toLoad(url) })),
    ];
  },
  goals: [onPostgres, onEmbedded].map((of) => ({
    work: `\`{ serverTime }\`: ${of} / ${stock}`,
    bound: 'at least',
    goal: 1.2,
    of,
    to: stock,
  })),
};

function goal(of: string, to: string, ratio: number) {
  return { work: `\`me\`: ${of} / ${to}`, bound: 'at least', goal: ratio, of, to } as const;
}
