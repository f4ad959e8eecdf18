import type { AuthErrorReason } from './authErrorCodes.ts';
import { host } from './host.ts';
import type { Keeper } from './keeper.ts';
import { type Operation, readOperation } from './operation.ts';
import { expiryOf, needsRefresh, type Pair } from './pair.ts';
import { isAboutToken, type Refresh } from './refresh.ts';
import type { Server } from './server.ts';
import { type Answer, type AnswerError, SessionError } from './sessionError.ts';
import type { StepUp } from './stepUp.ts';

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
  readonly stepUp: StepUp | null;
}

/** These get tokens, or end them: whatever they are refused with is for whoever sent them. */
const exempt = /^(login|register|refresh|logout)$/;

/** More than any honest operation needs: refresh, step-up, refresh, step-up. Past it, the refusal is the caller's. */
const maximumSends = 6;

/**
 * Makes the `fetch` that signs in each request, and repeats what was refused but can succeed; and what finds the pair
 * to send now, exchanged before when it is about to expire.
 */
export function createSessionFetch({ url, fetch, clock, keeper, refresh, stepUp }: Machine): {
  readonly sessionFetch: SessionFetch;
  readonly usablePair: () => Promise<Pair | null>;
} {
  async function usablePair(): Promise<Pair | null> {
    const pair = await keeper.ready();
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
    { errors: sentErrors = [], data }: Answer,
    { kind, name }: Operation,
    canAsk: boolean,
  ): Promise<Pair | null> {
    // What somebody on the way answers need not be a list.
    const errors = [sentErrors].flat();
    const isStale = ({ extensions }: AnswerError) =>
      extensions?.['reason'] === 'FRESH_TOKEN_REQUIRED';
    const isRefreshable = ({ extensions }: AnswerError) => isAboutToken(extensions?.['reason']);
    // An operation that has data has run. Only a query may run again; anything else is repeated only if it has not, and
    // if a refresh and a password can cure each of its errors.
    const canSucceed = errors.every((error) => isStale(error) || isRefreshable(error));
    if (kind !== 'query' && (data !== undefined || !canSucceed)) return null;
    const stale = errors.find(isStale);
    const hasExpired = errors.some(isRefreshable);
    if (!hasExpired && !(stale && canAsk)) return null;
    // The token that was sent decides what its refusal means, and there may be a newer one by now.
    const current = await keeper.read();
    if (current?.userId !== sent.userId) return null;
    if (current.accessToken !== sent.accessToken) return current;
    if (hasExpired) return await refresh(sent);
    const { maxAge = null } = (stale?.extensions ?? {}) as { readonly maxAge?: number };
    const about = { maxAge, operationName: name };
    return stepUp && (await stepUp(sent, about));
  }

  async function sessionFetch(
    input: string | URL | Request,
    { askPassword, ...init }: SessionRequestInit = {},
  ): Promise<Response> {
    // Requests of another realm, or of a polyfill, are no instances of this one's.
    const request = (input as { readonly clone?: unknown }).clone ? (input as Request) : null;
    const target = request ? request.url : String(input);
    if (locate(target) !== locate(url)) {
      throw new TypeError(`This session is for ${url} alone.`);
    }
    const before = await keeper.ready();
    const headers = new Headers(init.headers ?? request?.headers);
    const send = (pair: Pair | null) => {
      if (pair) headers.set('authorization', `Bearer ${pair.accessToken}`);
      else headers.delete('authorization');
      return fetch(request ? request.clone() : input, { ...init, headers });
    };
    // Whoever brings a token of their own knows what they do.
    if (headers.has('authorization')) return await fetch(input, init);
    const signal = init.signal ?? request?.signal;
    const body = init.body ?? ((await request?.clone().text()) || null);
    const operation = readOperation(target, body);
    const { kind, words } = operation;
    if (words.some((word) => exempt.test(word))) return await send(before);
    let pair = await untilAborted(usablePair(), signal);
    for (let sends = 1; ; sends++) {
      if (kind !== 'query' && pair?.userId !== before?.userId) {
        const { endReason: reason } = keeper.state as { readonly endReason?: AuthErrorReason };
        const message = 'The session ended before this was sent.';
        throw new SessionError({ message, extensions: { reason } });
      }
      const response = await send(pair);
      const refusal = await readRefusal(response);
      if (!isRepeatable(body) || sends === maximumSends) return response;
      // The page of the next user must not show an answer for the last one.
      if (kind === 'query' && keeper.pair?.userId !== pair?.userId) {
        pair = await untilAborted(usablePair(), signal);
        continue;
      }
      const canAsk = askPassword ?? kind === 'mutation';
      const next = pair && (await untilAborted(replace(pair, refusal, operation, canAsk), signal));
      if (!next) return response;
      pair = next;
    }
  }

  return { sessionFetch, usablePair };
}

// Of an answer of GraphQL that has errors. A copy is read, so that the caller can read the answer.
async function readRefusal(response: Response): Promise<Answer> {
  try {
    const isJson = response.headers.get('content-type')?.includes('json');
    const text = isJson ? await response.clone().text() : '';
    return text.includes('"errors"') ? JSON.parse(text) : {};
  } catch {
    // Cut off, or not JSON in spite of its header: the caller finds the same.
    return {};
  }
}

// A stream can be read only once.
function isRepeatable(body: unknown): boolean {
  return body == null || typeof body === 'string' || body instanceof FormData;
}

// A caller who gives up must not end the refresh that others wait for.
function untilAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason ?? new Error('Aborted'));
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
