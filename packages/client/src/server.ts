import { type Clock, signalAfter } from './clock.ts';
import { type Pair, receivePair, type TokenPair } from './pair.ts';
import { type Answer, SessionError } from './sessionError.ts';

/** `fetch`, as far as it is used: every runtime's own fits. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface Server {
  readonly url: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** Arguments of a mutation, of which some may be left out. */
export type Texts = Readonly<Record<string, string | null | undefined>>;

/**
 * Sends one of the session's own mutations, and returns what it is answered with.
 *
 * @throws SessionError when it was refused
 */
export async function ask(
  { url, fetch }: Server,
  field: string,
  texts: Texts = {},
  init: RequestInit = {},
  selection = '',
): Promise<unknown> {
  const names = Object.keys(texts).filter((name) => texts[name] != null);
  const heads = names.map((name) => `$${name}:String!`);
  const values = names.map((name) => `${name}:$${name}`);
  const query = `mutation(${heads}){result:${field}(${values})${selection}}`.replaceAll('()', '');
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
 * The same for one that gives tokens. `before` is the pair that they replace, if it is known.
 *
 * @throws SessionError
 */
export async function askForPair(
  server: Server,
  field: string,
  texts: Texts,
  before: Pair | null = null,
  init: RequestInit = {},
): Promise<Pair> {
  const fields = '{accessToken refreshToken expiresIn fresh}';
  const pair = (await ask(server, field, texts, init, fields)) as TokenPair;
  return receivePair(pair, server.clock.now(), before);
}

/**
 * Asks for the next pair of a session. Without a refresh token at hand, its cookie goes to the one path it is for.
 *
 * @throws SessionError
 */
export async function askForNextPair(server: Server, before: Pair | null): Promise<Pair> {
  const { url, clock } = server;
  const refreshToken = before?.refreshToken;
  const [signal, hurry] = signalAfter(clock, 20_000);
  const place = { ...server, url: refreshToken ? url : `${url}/refresh` };
  try {
    return await askForPair(place, 'refresh', { refreshToken }, before, { signal });
  } finally {
    hurry();
  }
}
