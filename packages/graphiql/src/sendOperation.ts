import type { Fetcher } from '@graphiql/toolkit';
import { SessionError } from '@sallyport/client';
import type { ExecutionResult } from 'graphql';
import type { AnsweredError } from './desk.ts';
import type { Page } from './usePage.ts';

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly AnsweredError[];
}

/** As GraphiQL passes it. */
interface Observer {
  next(answer: ExecutionResult): void;
  complete(): void;
  error(problem: unknown): void;
}

/**
 * Sends what is in the editor as the account that is chosen, and remembers what it was answered with. Who stops it
 * before it was sent, while a question is open say, sends nothing.
 */
export function sendOperation({ accounts, desk }: Pick<Page, 'accounts' | 'desk'>): Fetcher {
  return ({ query, variables, operationName }) => ({
    subscribe(given) {
      const observer = given as Observer;
      const { current } = accounts.state;
      const stopping = new AbortController();
      desk.keepAnswer(null);
      const body = JSON.stringify({
        query,
        variables,
        operationName: nameIn(query, operationName),
      });
      read(() => accounts.send(current, body, stopping.signal)).then((answer) => {
        if (stopping.signal.aborted) return;
        desk.keepAnswer({ accountId: current.id, errors: answer.errors ?? [] });
        observer.next(answer as ExecutionResult);
        observer.complete();
      }, observer.error);
      return { unsubscribe: () => stopping.abort() };
    },
  });
}

// GraphiQL learns a moment after one has typed which operation there is: who runs it at once would send the name of
// the one before.
function nameIn(query: string, name: string | null | undefined): string | undefined {
  return name && new RegExp(`\\b${name}\\b`).test(query) ? name : undefined;
}

async function read(send: () => Promise<Response>): Promise<Answer> {
  let response: Response;
  try {
    response = await send();
  } catch (error) {
    // The session ended before the operation was sent: nothing has run.
    if (error instanceof SessionError) return problem(error.message, error.extensions);
    return problem('The server cannot be reached. Is it running, and is this device online?');
  }
  try {
    return readAnswer(JSON.parse(await response.text()));
  } catch {
    return problem(`The answer is no GraphQL: ${response.status} ${response.statusText}`.trim());
  }
}

// What somebody on the way answers need not be an answer of GraphQL.
function readAnswer(parsed: unknown): Answer {
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('Expected an object.');
  const { errors = [] } = parsed as { errors?: unknown };
  const isList =
    Array.isArray(errors) && errors.every((one) => typeof Object(one).message === 'string');
  if (!isList) throw new TypeError('Expected errors with messages.');
  return parsed;
}

function problem(message: string, extensions: Record<string, unknown> = {}): Answer {
  return { errors: [{ message, extensions }] };
}
