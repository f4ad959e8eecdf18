import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { users } from '../../src/user/table.ts';
import { type Answer, password, type TestApp } from './app.ts';

export const pairFields =
  'accessToken refreshToken tokenType expiresIn refreshExpiresIn fresh userId';

export interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: string;
  readonly expiresIn: number;
  readonly refreshExpiresIn: number;
  readonly fresh: boolean;
  readonly userId: string;
}

export interface Account extends Pair {
  readonly username: string;
}

/** Registers a user with a name of its own. */
export async function register(
  { ask, database }: TestApp,
  { admin = false } = {},
): Promise<Account> {
  const username = `user-${randomUUID()}`;
  const answer = await ask(
    `mutation ($username: String!, $password: String!) {
      register(username: $username, password: $password) { ${pairFields} }
    }`,
    { variables: { username, password } },
  );
  if (admin) {
    await database.update(users).set({ isAdmin: true }).where(eq(users.username, username));
  }
  return { username, ...succeeded(answer).register };
}

export async function login({ ask }: Pick<TestApp, 'ask'>, username: string): Promise<Pair> {
  const answer = await ask(
    `mutation ($username: String!, $password: String!) {
      login(username: $username, password: $password) { ${pairFields} }
    }`,
    { variables: { username, password } },
  );
  return succeeded(answer).login;
}

/** The data of an answer without errors. */
export function succeeded({ data, errors }: Answer): Answer['data'] {
  if (errors.length > 0) throw new Error(`Unexpected errors: ${JSON.stringify(errors)}`);
  return data;
}

/** Sends a refresh token, and returns the whole answer. */
export function refresh({ ask }: Pick<TestApp, 'ask'>, refreshToken: string) {
  return ask(`mutation ($token: String) { refresh(refreshToken: $token) { ${pairFields} } }`, {
    variables: { token: refreshToken },
  });
}

/** What is inside a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
