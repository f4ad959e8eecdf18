import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { createApp } from '../../src/app.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/database/database.ts';
import type { ServerDefinition } from '../../src/defineServer.ts';
import { defaultTimeLimits, type TimeLimits } from '../../src/server/timeLimits.ts';
import { createServerKeys } from '../../src/serverKeys.ts';
import { type Answer, type Ask, type AskFunction, asker } from '../../src/test/asker.ts';
import { stoppedClock, type TestClock } from '../../src/test/testClock.ts';
import { openTestDatabase } from './database.ts';
import { testService } from './testService.ts';

export const secretKey = 'a test server signs with this secret key, and no other does';
export const password = 'correct horse battery';

export type { Answer, Ask, AskFunction, TestClock };
export { stoppedClock };

export interface TestApp {
  readonly http: FastifyInstance;
  readonly database: Database;
  readonly config: Config;
  readonly ask: AskFunction;
  readonly inject: (options: InjectOptions) => Promise<LightMyRequestResponse>;
  /** What the server logged, a JSON line each. */
  readonly logLines: string[];
  readonly clock: TestClock;
  /** Does what SIGHUP does, with changed settings. */
  readonly rereadKeys: (changes: Record<string, string>) => void;
  readonly close: () => Promise<void>;
}

/** Starts the service on a database of its own, or as one more node on a given one, with the clock stopped. */
export async function startApp({
  environment = {},
  database: given,
  clock = stoppedClock(),
  timeLimits = {},
  clockDifferenceSeconds,
  definition = testService,
}: {
  environment?: Record<string, string>;
  database?: Database;
  clock?: TestClock;
  timeLimits?: Partial<TimeLimits>;
  clockDifferenceSeconds?: () => Promise<number>;
  definition?: ServerDefinition;
} = {}): Promise<TestApp> {
  const variables = {
    JWT_SECRET_KEY: secretKey,
    LOG_LEVEL: 'trace',
    // All tests come from one address.
    RATE_LIMIT_SIGN_IN: '0',
    RATE_LIMIT_REGISTER: '0',
    ...environment,
  };
  const config = loadConfig(variables);
  const keys = createServerKeys(config, config.jwt.secretKey ?? secretKey);
  const opened = given ? { database: given, close: async () => {} } : await openTestDatabase();
  const logLines: string[] = [];
  const http = await createApp({
    config,
    keys: keys.ring,
    database: opened.database,
    clock: () => clock.now,
    ...(clockDifferenceSeconds && { clockDifferenceSeconds }),
    logStream: { write: (line) => void logLines.push(line) },
    timeLimits: { ...defaultTimeLimits, ...timeLimits },
    definition,
  });
  return {
    http,
    config,
    clock,
    logLines,
    database: opened.database,
    rereadKeys: (changes) => keys.reread({ ...variables, ...changes }, http.log),
    inject: (options) => http.inject(options),
    ask: asker(http),
    async close() {
      await http.close();
      await opened.close();
    },
  };
}

/** An error as clients see it: code, reason and message together, so that a test can assert all three at once. */
export function failure(answer: Answer): Record<string, unknown> | undefined {
  const [error] = answer.errors;
  return error && { ...error.extensions, message: error.message };
}
