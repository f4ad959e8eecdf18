import type { Benchmark } from './compare.ts';
import { repeat } from './load.ts';
import { register, startSallyports } from './sallyport.ts';
import { startServer } from './server.ts';

/** What a signed-in request costs: the signature, the session and the user by the database, the guards. */
export const me: Benchmark = {
  title:
    '`{ me { id username } }` with an access token: Sallyport, against stock Apollo that serves the same schema with a constant user and no authentication',
  async start(later) {
    const apollo = await startServer('bench/plainApollo.ts', {}, later);
    const sallyports = await startSallyports(later);
    const signedIn = await Promise.all(
      sallyports.map(async ({ database, url }) => ({
        name: `Sallyport on ${database}`,
        load: repeat(url, { query, token: (await register(url)).accessToken }),
      })),
    );
    // A token of the usual length travels to Apollo as well, which does not look at it.
    const token = 'x'.repeat(450);
    return [
      { name: 'Apollo, `startStandaloneServer`', load: repeat(apollo, { query, token }) },
      ...signedIn,
    ];
  },
};

const query = '{ me { id username } }';
