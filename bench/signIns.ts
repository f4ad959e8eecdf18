import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import type { Benchmark } from './compare.ts';
import { chain, type Load } from './load.ts';
import { type Account, onEmbedded, onPostgres, register, startSallyports } from './sallyport.ts';

const connections = 10;
const bare = 'argon2id';

/** What a sign-in costs besides the hash that makes it slow on purpose. */
export const signIns: Benchmark = {
  title: '`login`: Sallyport, against nothing but argon2id on all cores',
  cores: 'all',
  async start(later) {
    const sallyports = await startSallyports(later, {
      RATE_LIMIT_SIGN_IN: '0',
      RATE_LIMIT_REGISTER: '0',
    });
    const contestants = await Promise.all(
      sallyports.map(async ({ name, url }) => {
        const accounts: Account[] = [];
        while (accounts.length < connections) accounts.push(await register(url));
        return {
          name,
          load: chain(url, (connection) => toLogin(accounts[connection] as Account), connections),
        };
      }),
    );
    return [{ name: bare, load: bareArgon2 }, ...contestants];
  },
  goals: [onPostgres, onEmbedded].map((of) => ({
    work: `\`login\`: ${of} / bare ${bare} on all cores`,
    bound: 'at least',
    goal: 0.8,
    of,
    to: bare,
  })),
};

function toLogin({ username, password }: Account) {
  const query = `mutation ($username: String!, $password: String!) {
    login(username: $username, password: $password) { accessToken }
  }`;
  return { query, variables: { username, password } };
}

const bareArgon2: Load = async (seconds) => {
  const password = 'correct horse battery';
  const stored = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const milliseconds: number[] = [];
  const start = performance.now();
  const verifyOnAndOn = async () => {
    while (performance.now() - start < seconds * 1000) {
      const begin = performance.now();
      await verify(stored, password);
      milliseconds.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, verifyOnAndOn));
  const elapsedSeconds = (performance.now() - start) / 1000;
  return {
    requestsPerSecond: milliseconds.length / elapsedSeconds,
    processorMicroseconds: null,
    milliseconds,
  };
};
