import { eq } from 'drizzle-orm';
import { vi } from 'vitest';
import { auditEvents } from '../../src/audit/table.ts';
import type { Database } from '../../src/database/database.ts';
import { type Answer, startApp, type TestApp, type TestClock } from '../support/app.ts';

export const wrongPassword = 'not what was chosen';

/** Starts the service with the clock of the whole process stopped, because the limiters read that one. */
export async function startAppInFrozenTime(
  options: { environment?: Record<string, string>; database?: Database } = {},
): Promise<TestApp> {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['Date'], now: new Date('2030-01-01') });
  return await startApp({ ...options, clock: processClock });
}

/** Moves the clock of the whole process. */
export function advance(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

const processClock: TestClock = {
  get now() {
    return new Date();
  },
  advance,
};

export interface SignIn {
  readonly username: string;
  readonly password?: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** The address the connection comes from. */
  readonly from?: string;
  readonly forwardedFor?: string;
}

/** Signs in, with a wrong password unless another is given. */
export function signIn(app: TestApp, { username, password = wrongPassword, ...origin }: SignIn) {
  const query =
    'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { fresh } }';
  return send(app, { query, variables: { u: username, p: password } }, origin);
}

/** Sends an operation from an address. */
export async function send(
  app: TestApp,
  payload: { query: string; variables?: Record<string, unknown> },
  { token, from, forwardedFor }: Pick<SignIn, 'token' | 'from' | 'forwardedFor'> = {},
): Promise<Answer> {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    ...(from && { remoteAddress: from }),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(forwardedFor && { 'x-forwarded-for': forwardedFor }),
    },
    payload,
  });
  const { data = null, errors = [] } = response.json();
  return { status: response.statusCode, headers: response.headers, data, errors };
}

/** How many wrong passwords were looked at, of all users. */
export function countFailedSignIns({ database }: TestApp): Promise<number> {
  return database.$count(auditEvents, eq(auditEvents.event, 'SIGN_IN_FAILED'));
}

/** The refusal as `failure` returns it. */
export function limited(retryAfter: number) {
  const message = `Too many attempts. Try again in ${retryAfter} seconds.`;
  return { code: 'RATE_LIMITED', message, retryAfter };
}
