import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { createApp } from '../../src/app.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Database } from '../../src/database.ts';
import { openTestDatabase } from './database.ts';

export const secretKey = 'a test server signs with this secret key, and no other does';
export const password = 'correct horse battery';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the query's, and each test says what it expects of it.
  readonly data: any;
  readonly errors: readonly GraphQLFormattedError[];
}

export interface Ask {
  readonly variables?: Record<string, unknown>;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** Sends one operation over HTTP and gives what came back. */
export type AskFunction = (query: string, ask?: Ask) => Promise<Answer>;

export interface TestApp {
  readonly http: FastifyInstance;
  readonly database: Database;
  readonly config: Config;
  readonly ask: AskFunction;
  readonly inject: (options: InjectOptions) => Promise<LightMyRequestResponse>;
  /** What the server logged, a JSON line each. */
  readonly logLines: string[];
  readonly clock: TestClock;
  readonly close: () => Promise<void>;
}

/** A clock that stands still until it is moved. */
export interface TestClock {
  now: Date;
  advance(seconds: number): void;
}

/** Starts the service on a database of its own, or as one more node on a given one, with the clock stopped. */
export async function startApp({
  environment = {},
  database: given,
  clock = stoppedClock(),
}: {
  environment?: Record<string, string>;
  database?: Database;
  clock?: TestClock;
} = {}): Promise<TestApp> {
  const config = loadConfig({
    JWT_SECRET_KEY: secretKey,
    LOG_LEVEL: 'trace',
    // All tests come from one address.
    RATE_LIMIT_SIGN_IN: '0',
    RATE_LIMIT_REGISTER: '0',
    ...environment,
  });
  const opened = given ? { database: given, close: async () => {} } : await openTestDatabase();
  const logLines: string[] = [];
  const http = await createApp({
    config,
    secretKey: config.jwt.secretKey ?? secretKey,
    database: opened.database,
    clock: () => clock.now,
    logStream: { write: (line) => void logLines.push(line) },
  });
  return {
    http,
    config,
    clock,
    logLines,
    database: opened.database,
    inject: (options) => http.inject(options),
    ask: asker(http),
    async close() {
      await http.close();
      await opened.close();
    },
  };
}

export function stoppedClock(): TestClock {
  return {
    now: new Date('2030-01-01T12:00:00.000Z'),
    advance(seconds) {
      this.now = new Date(this.now.getTime() + seconds * 1000);
    },
  };
}

function asker(http: FastifyInstance): AskFunction {
  return async (query, { variables = {}, token, headers = {} } = {}) => {
    const response = await http.inject({
      method: 'POST',
      url: '/graphql',
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
      payload: { query, variables },
    });
    const { data = null, errors = [] } = response.json();
    return { status: response.statusCode, headers: response.headers, data, errors };
  };
}

/** An error as clients see it: code, reason and message together, so that a test can assert all three at once. */
export function failure(answer: Answer): Record<string, unknown> | undefined {
  const [error] = answer.errors;
  return error && { ...error.extensions, message: error.message };
}
