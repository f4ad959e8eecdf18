import { availableParallelism } from 'node:os';
import { onTestFinished } from 'vitest';
import { decoyHash, hashPassword, hashQueue } from '../../src/user/password.ts';
import { type Answer, startApp, type TestApp } from '../support/app.ts';
import { gate } from './slowHashes.ts';

export const atOnce = Math.min(availableParallelism(), 3);
const waiting = 64;
export const full = atOnce + waiting;
export const busy = {
  code: 'RATE_LIMITED',
  message: 'Too many attempts. Try again in 1 seconds.',
  retryAfter: 1,
};

export const settled = () => new Promise((resolve) => setImmediate(resolve));

export const home = '192.0.2.1';
export const wrongPassword = 'not what was chosen';

export async function start(environment: Record<string, string> = {}): Promise<TestApp> {
  gate.open();
  await decoyHash();
  const app = await startApp({ environment });
  onTestFinished(() => app.close());
  return app;
}

/** Fills the queue from as many networks as it has room for, and says when all of it is done. */
export async function fill() {
  const visits = Array.from({ length: full }, (_, index) => {
    const visitor = { network: `network ${index}`, account: null, onGone: () => () => {} };
    return hashQueue.enter(visitor, (turn) => hashPassword('a password of somebody', turn));
  });
  await settled();
  return { done: Promise.all(visits) };
}

interface Visit {
  readonly token?: string;
  readonly from?: string;
  readonly variables?: Record<string, unknown>;
}

export async function send(
  app: TestApp,
  query: string,
  { token, from = home, variables = {} }: Visit,
): Promise<Answer> {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    remoteAddress: from,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    payload: { query, variables },
  });
  const { data = null, errors = [] } = response.json();
  return { status: response.statusCode, headers: response.headers, data, errors };
}

export const mutations = {
  login:
    'mutation ($name: String!, $p: String!) { login(username: $name, password: $p) { fresh } }',
  register:
    'mutation ($name: String!, $p: String!) { register(username: $name, password: $p) { fresh } }',
  freshLogin: 'mutation ($p: String!) { freshLogin(password: $p) { fresh } }',
  changePassword: 'mutation ($p: String!) { changePassword(newPassword: $p) { fresh } }',
};

export const signIn = (app: TestApp, name: string, given: string, from = home) =>
  send(app, mutations.login, { variables: { name, p: given }, from });
