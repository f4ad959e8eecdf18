import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../app.ts';
import { loadConfig } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { unpackTemplate, usePglite } from '../database/embedded.ts';
import { defineServer, type ServerDefinition } from '../defineServer.ts';
import { createServerKeys } from '../serverKeys.ts';
import { hashPassword } from '../user/password.ts';
import { createUser } from '../user/user.ts';
import { type AskFunction, asker } from './asker.ts';
import { stoppedClock, type TestClock } from './testClock.ts';

/** Somebody who is signed in, as `ask` takes it: `server.ask('{ me { id } }', ada)`. */
export interface TestCaller {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  /** The access token. */
  readonly token: string;
  readonly refreshToken: string;
}

export interface TestServer {
  readonly ask: AskFunction;
  /** A new user who has just signed in, so that the token is fresh. */
  readonly asUser: (user?: { fullName?: string }) => Promise<TestCaller>;
  /** A new administrator who has just signed in. */
  readonly asAdmin: (user?: { fullName?: string }) => Promise<TestCaller>;
  /** The same caller with new tokens that no password check made, as after a refresh. */
  readonly stale: (caller: TestCaller) => Promise<TestCaller>;
  /** The time of the server: it stands still until it is moved. */
  readonly clock: TestClock;
  readonly database: Database;
  /** For other requests than GraphQL: `server.http.inject('/healthz')`. */
  readonly http: FastifyInstance;
  readonly close: () => Promise<void>;
}

/**
 * Starts a server for tests, on an empty database in memory and with the clock stopped. The first takes seconds, each
 * further one in the same process milliseconds. Sign-ins are not limited by address, and nothing is logged, unless
 * `environment` says so.
 *
 * @example
 * const server = await createTestServer();
 * const ada = await server.asUser();
 * const { data } = await server.ask('{ me { username } }', ada);
 * console.log(data.me.username === ada.username); // true
 * await server.close();
 */
export async function createTestServer(
  definition: ServerDefinition = defineServer(),
  { environment = {} }: { environment?: Readonly<Record<string, string>> } = {},
): Promise<TestServer> {
  const clock = stoppedClock();
  const secretKey = randomBytes(48).toString('base64');
  const config = loadConfig({
    JWT_SECRET_KEY: secretKey,
    LOG_LEVEL: 'silent',
    RATE_LIMIT_SIGN_IN: '0',
    RATE_LIMIT_REGISTER: '0',
    ...environment,
  });
  // Closed, and not kept for the next: while it is open, its alarms may keep the process alive.
  const { database, close } = await usePglite(await unpackTemplate(), definition.migrations);
  const http = await createApp({
    config,
    keys: createServerKeys(config, secretKey).ring,
    database,
    clock: () => clock.now,
    definition,
  });
  const ask = asker(http);
  const signInAsNew = async (isAdmin: boolean, fullName: string | null): Promise<TestCaller> => {
    const username = `user-${randomUUID()}`;
    const passwordHash = await hashOfPassword();
    const user = await createUser(
      database,
      { username, passwordHash, fullName, isAdmin },
      clock.now,
    );
    const { data, errors } = await ask(
      `mutation ($username: String!, $password: String!) {
        login(username: $username, password: $password) { accessToken refreshToken }
      }`,
      { variables: { username, password } },
    );
    if (!user || !data?.login) throw new Error(`The sign-in failed: ${JSON.stringify(errors)}`);
    const { accessToken: token, refreshToken } = data.login;
    return { id: user.id, username, password, token, refreshToken };
  };
  return {
    ask,
    asUser: ({ fullName } = {}) => signInAsNew(false, fullName ?? null),
    asAdmin: ({ fullName } = {}) => signInAsNew(true, fullName ?? null),
    async stale(caller) {
      const { data, errors } = await ask(
        'mutation ($token: String) { refresh(refreshToken: $token) { accessToken refreshToken } }',
        { variables: { token: caller.refreshToken } },
      );
      if (!data?.refresh) throw new Error(`The refresh failed: ${JSON.stringify(errors)}`);
      const { accessToken: token, refreshToken } = data.refresh;
      return { ...caller, token, refreshToken };
    },
    clock,
    database,
    http,
    async close() {
      await http.close();
      await close();
    },
  };
}

const password = 'correct horse battery';

// Hashing is slow on purpose, and all have the same password.
let hash: Promise<string> | null = null;
function hashOfPassword(): Promise<string> {
  hash ??= hashPassword(password);
  return hash;
}
