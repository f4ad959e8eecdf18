import type { Clock } from './clock.ts';
import type { Pair, TokenPair } from './pair.ts';
import { type Answer, SessionError } from './sessionError.ts';

/** `fetch`, as far as it is used: every runtime's own fits. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface Server {
  readonly url: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** A mutation of the server's with a few texts for arguments, of which some may be left out. */
export interface Mutation {
  readonly field: string;
  readonly texts?: Readonly<Record<string, string | undefined>>;
}

/** Sends one of the session's own mutations and returns the tokens it is answered with. @throws SessionError */
export async function askForPair(
  fetch: Fetch,
  url: string,
  mutation: Mutation,
  init?: RequestInit,
) {
  const fields = '{accessToken refreshToken expiresIn fresh}';
  return (await ask(fetch, url, mutation, init, fields)) as TokenPair;
}

/**
 * Sends one of the session's own mutations and returns what it is answered with. @throws SessionError when it was
 * refused
 */
export async function ask(
  fetch: Fetch,
  url: string,
  { field, texts = {} }: Mutation,
  init: RequestInit = {},
  selection = '',
): Promise<unknown> {
  const names = Object.keys(texts).filter((name) => texts[name] !== undefined);
  const list = (write: (name: string) => string) => (names.length ? `(${names.map(write)})` : '');
  const head = list((name) => `$${name}:String!`);
  const query = `mutation${head}{result:${field}${list((name) => `${name}:$${name}`)}${selection}}`;
  const response = await fetch(url, {
    method: 'POST',
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
    body: JSON.stringify({ query, variables: texts }),
  });
  const { data, errors = [] } = (await response.json().catch(() => ({}))) as Answer;
  if (data && !errors[0]) return data['result'];
  throw new SessionError(errors[0] ?? { message: `The server answered with ${response.status}.` });
}

/**
 * Sends `refresh` or `logout` for a session: without a refresh token at hand, its cookie goes to the one path it is
 * for.
 */
export async function askAboutSession<Result>(
  { fetch, url, clock }: Server,
  { refreshToken }: Pair,
  field: 'refresh' | 'logout',
  send: (fetch: Fetch, url: string, mutation: Mutation, init: RequestInit) => Promise<Result>,
): Promise<Result> {
  const patience = new AbortController();
  const hurry = clock.setAlarm(20_000, () => patience.abort());
  const { signal } = patience;
  try {
    return await (refreshToken === null
      ? send(fetch, `${url}/refresh`, { field }, { signal, credentials: 'include' })
      : send(fetch, url, { field, texts: { refreshToken } }, { signal }));
  } finally {
    hurry();
  }
}
