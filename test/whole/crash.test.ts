import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimsOf, pairFields, refresh } from '../support/account.ts';
import { password, secretKey } from '../support/app.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import { longRuns } from '../support/longRuns.ts';
import {
  copyDataDir,
  killProcesses,
  type ServerProcess,
  startProcess,
} from '../support/process.ts';

// Two servers, killed four times each in a long run: a start is mostly work for one core. On Postgres they share a
// database.
const servers = ['one', 'other'];
const killsOfEach = longRuns ? 4 : 1;
const clientsOfEach = 6;

// A generation lives at least 10 s: with a clock that is this much too fast, nearly every refresh begins the next one.
const clockSpeed = 500;
const fastClock = `
  const RightDate = Date;
  const began = ${Date.now()};
  const now = () => began + (RightDate.now() - began) * ${clockSpeed};
  globalThis.Date = class extends RightDate {
    constructor(...given) {
      super(...(given.length > 0 ? given : [now()]));
    }
    static now() {
      return now();
    }
  };`;

let environment: Record<string, string>;
let directory: string;
let removeDatabase: (() => Promise<void>) | null = null;
let stories: Promise<unknown> = Promise.resolve();
let isOver = false;
beforeAll(async () => {
  environment = {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fastClock)}`,
    JWT_SECRET_KEY: secretKey,
    JWT_ACCESS_TOKEN_EXPIRES: '86400',
    LOG_LEVEL: 'warn',
    RATE_LIMIT_ACCOUNT: '0',
    RATE_LIMIT_SIGN_IN: '0',
    RATE_LIMIT_REGISTER: '0',
  };
  directory = mkdtempSync(join(tmpdir(), 'sallyport-crash-'));
  if (!onPostgres) return;
  const { databaseUrl, remove } = await createPostgresDatabase();
  environment['DATABASE_URL'] = databaseUrl;
  removeDatabase = remove;
});
afterAll(async () => {
  // After a failure, a story may still be going on.
  isOver = true;
  killProcesses();
  await stories;
  killProcesses();
  rmSync(directory, { recursive: true });
  await removeDatabase?.();
});

/** A client that refreshes all the time, and keeps the newest pair it was given, as clients do. */
class Client {
  readonly username: string;
  accessToken = '';
  refreshToken = '';
  sessionId: unknown = null;
  answers = 0;
  lostAnswers = 0;

  constructor(username: string) {
    this.username = username;
  }

  async register({ ask }: ServerProcess): Promise<void> {
    const answer = await ask(
      `mutation ($username: String!, $password: String!) {
        register(username: $username, password: $password) { ${pairFields} }
      }`,
      { variables: { username: this.username, password } },
    );
    expect(answer.errors).toEqual([]);
    Object.assign(this, answer.data.register);
    this.sessionId = claimsOf(this.accessToken)['sid'];
  }

  async refresh(server: ServerProcess): Promise<void> {
    const { data, errors } = await refresh(server, this.refreshToken);
    expect(errors).toEqual([]);
    Object.assign(this, data.refresh);
    this.answers++;
  }

  /** Refreshes, and uses every second access token, until the server is killed. */
  async refreshUntil(isKilled: () => boolean, server: ServerProcess): Promise<void> {
    while (!isKilled()) {
      try {
        await this.refresh(server);
        if (this.answers % 2 === 0) await this.expectOneSession(server);
      } catch (error) {
        // What fetch throws when the connection breaks; an answer with errors is another matter.
        if (!(isKilled() && error instanceof TypeError)) throw error;
        this.lostAnswers++;
      }
    }
  }

  async expectOneSession({ ask }: ServerProcess): Promise<void> {
    const { data, errors } = await ask('{ sessions { id current } }', { token: this.accessToken });
    expect(errors).toEqual([]);
    expect(data.sessions).toEqual([{ id: this.sessionId, current: true }]);
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
const answersOf = (clients: Client[]) => sum(clients.map(({ answers }) => answers));

async function killAndRestart(name: string): Promise<Client[]> {
  const clients = Array.from({ length: clientsOfEach }, (_, index) => new Client(name + index));
  const dataDir = copyDataDir(join(directory, name));
  const start = () => startProcess({ ...environment, DATA_DIR: dataDir });
  let server = await start();
  await Promise.all(clients.map((client) => client.register(server)));
  for (let kill = 0; kill < killsOfEach && !isOver; kill++) {
    let isKilled = false;
    const before = answersOf(clients);
    const killLater = async () => {
      // Each time somewhat later, from the first requests on.
      while (answersOf(clients) < before + 4 * kill && !isOver) await setTimeout(1);
      await setTimeout(kill % 4);
      isKilled = true;
      await server.end('SIGKILL');
    };
    const work = clients.map((client) => client.refreshUntil(() => isKilled, server));
    await Promise.all([...work, killLater()]);
    server = await start();
    // The newest token that a client has is good, whether an answer got lost or not.
    await Promise.all(clients.map((client) => client.refresh(server)));
    await Promise.all(clients.map((client) => client.expectOneSession(server)));
  }
  await server.end('SIGTERM');
  for (const { refreshToken } of clients) {
    expect(claimsOf(refreshToken)['gen']).toBeGreaterThan(1);
  }
  return clients;
}

const chance =
  'The server was killed between refreshes, not in them: a matter of chance. Run the test again.';

test('a server that is killed during refreshes, again and again, loses no session and forks none', async () => {
  const results = Promise.allSettled(servers.map(killAndRestart));
  stories = results;
  for (const result of await results) {
    if (result.status === 'rejected') throw result.reason;
    const lostAnswers = result.value.map((client) => client.lostAnswers);
    expect(sum(lostAnswers), chance).toBeGreaterThan(killsOfEach);
  }
}, 300_000);
