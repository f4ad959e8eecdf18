import { host } from './host.ts';
import type { Keeper } from './keeper.ts';
import { type Operation, readOperation } from './operation.ts';
import { expiryOf, needsRefresh, type Pair } from './pair.ts';
import { type Refresh, tokenReasons } from './refresh.ts';
import type { Server } from './server.ts';
import { type Answer, type AnswerError, SessionError } from './sessionError.ts';
import type { PasswordQuestion } from './stepUp.ts';

/** What `session.fetch` takes beyond what `fetch` does. Apollo Client and urql pass it on from `fetchOptions`. */
export interface SessionRequestInit extends RequestInit {
  /**
   * Whether the person may be asked for their password: true for mutations and false for the rest, unless said here.
   */
  readonly askPassword?: boolean;
}

export type SessionFetch = (
  input: string | URL | Request,
  init?: SessionRequestInit,
) => Promise<Response>;

export interface Machine extends Server {
  readonly keeper: Keeper;
  readonly refresh: Refresh;
  readonly stepUp:
    | ((pair: Pair, about: Omit<PasswordQuestion, 'error'>) => Promise<Pair | null>)
    | null;
}

/** These get tokens, or end them: whatever they are refused with is for whoever sent them. */
const exempt = new Set(['login', 'register', 'refresh', 'logout']);

/** More than any honest operation needs: refresh, step-up, refresh, step-up. Past it, the refusal is the caller's. */
const maximumSends = 6;

/** Makes the `fetch` that signs in each request, and repeats what was refused but can succeed. */
export function createSessionFetch(machine: Machine): SessionFetch {
  const { url, fetch, keeper } = machine;
  return async (input, { askPassword, ...init } = {}) => {
    const request = typeof input === 'object' && 'clone' in input ? input : null;
    const target = request ? request.url : String(input);
    if (locate(target) !== locate(url)) {
      throw new TypeError(`This session is for ${url}: its token does not go to other addresses.`);
    }
    const headers = new Headers(init.headers ?? request?.headers);
    const send = (pair: Pair | null) => {
      if (pair) headers.set('authorization', `Bearer ${pair.accessToken}`);
      else headers.delete('authorization');
      return fetch(request ? request.clone() : input, { ...init, headers });
    };
    // Whoever brings a token of their own knows what they do.
    if (headers.has('authorization')) return await fetch(input, { ...init, headers });
    const signal = init.signal ?? request?.signal ?? null;
    await keeper.ready();
    const body = init.body ?? ((await request?.clone().text()) || null);
    const operation = readOperation(target, body);
    if (operation.words.some((word) => exempt.has(word))) return await send(keeper.pair);
    const canAsk = askPassword ?? operation.kind === 'mutation';
    return await run(machine, { send, signal, operation, canAsk, canRepeat: isRepeatable(body) });
  };
}

interface Run {
  readonly send: (pair: Pair | null) => Promise<Response>;
  readonly signal: AbortSignal | null;
  readonly operation: Operation;
  readonly canAsk: boolean;
  readonly canRepeat: boolean;
}

async function run(machine: Machine, one: Run): Promise<Response> {
  const { keeper } = machine;
  const { send, signal, operation, canRepeat } = one;
  const userId = keeper.pair?.userId;
  let pair = await untilAborted(usablePair(machine), signal);
  for (let sends = 1; ; sends++) {
    if (operation.kind !== 'query' && pair?.userId !== userId) {
      const reason = keeper.state.status === 'signedOut' ? keeper.state.endReason : null;
      const message = 'The session ended before this was sent.';
      throw new SessionError({ message, extensions: { reason } });
    }
    const response = await send(pair);
    const refusal = await readRefusal(response);
    if (!canRepeat || sends === maximumSends) return response;
    // The page of the next user must not show an answer for the last one.
    const hasUserChanged = keeper.pair?.userId !== pair?.userId;
    if (operation.kind === 'query' && hasUserChanged) {
      pair = await untilAborted(usablePair(machine), signal);
      continue;
    }
    const next =
      pair && refusal && (await untilAborted(replace(pair, refusal, machine, one), signal));
    if (!next) return response;
    pair = next;
  }
}

/** The pair to send now: exchanged before, when it is about to expire. */
export async function usablePair({ keeper, refresh, clock }: Machine): Promise<Pair | null> {
  await keeper.ready();
  const { pair } = keeper;
  if (!pair || !needsRefresh(pair, clock.now())) return pair;
  try {
    return await refresh(pair);
  } catch (error) {
    if (clock.now() >= expiryOf(pair)) throw error;
    return keeper.pair;
  }
}

/** After a refusal: the pair to try with next, or null when the refusal stands. */
async function replace(
  sent: Pair,
  { errors = [], data }: Answer,
  { keeper, refresh, stepUp }: Machine,
  { operation, canAsk }: Run,
): Promise<Pair | null> {
  // An operation that has data has run. Only a query may run again.
  if (data !== undefined && operation.kind !== 'query') return null;
  const isStale = (error: AnswerError) => error.extensions?.['reason'] === 'FRESH_TOKEN_REQUIRED';
  const isRefreshable = (error: AnswerError) => tokenReasons.has(error.extensions?.['reason']);
  // A mutation is repeated only if a refresh and a password can cure each of its errors.
  const canSucceed = errors.every((error) => isStale(error) || isRefreshable(error));
  if (operation.kind !== 'query' && !canSucceed) return null;
  const stale = errors.find(isStale);
  const hasExpired = errors.some(isRefreshable);
  if (!hasExpired && !(stale && canAsk)) return null;
  // The token that was sent decides what its refusal means, and there may be a newer one by now.
  const current = await keeper.read();
  if (current?.userId !== sent.userId) return null;
  if (current.accessToken !== sent.accessToken) return current;
  if (hasExpired) return await refresh(sent);
  const maxAge = stale?.extensions?.['maxAge'];
  const about = {
    maxAge: typeof maxAge === 'number' ? maxAge : null,
    operationName: operation.name,
  };
  return stepUp && (await stepUp(sent, about));
}

// Errors of an answer, when it is one of GraphQL. A copy is read, so that the caller can read the answer.
async function readRefusal(response: Response): Promise<Answer | null> {
  if (!response.headers.get('content-type')?.includes('json')) return null;
  try {
    const text = await response.clone().text();
    if (!text.includes('"errors"')) return null;
    const answer = JSON.parse(text) as Answer;
    return Array.isArray(answer.errors) ? answer : null;
  } catch {
    // Cut off, or not JSON in spite of its header: the caller finds the same.
    return null;
  }
}

// A stream can be read only once.
function isRepeatable(body: unknown): boolean {
  return body == null || typeof body === 'string' || body instanceof FormData;
}

// A caller who gives up must not end the refresh that others wait for.
function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal | null): Promise<Result> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason ?? new Error('This operation was aborted.'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function locate(url: string): string {
  const [address = ''] = url.split(/[?#]/);
  if (!host.location) return address;
  return String(new URL(address, host.location.href));
}
