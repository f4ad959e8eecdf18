import type { Fetcher } from '@graphiql/toolkit';
import { SessionError } from '@sallyport/client';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Page } from './usePage.ts';

/** Sends what is in the editor as the account that is chosen, and remembers what it was answered with. */
export function sendOperation({ accounts, desk }: Pick<Page, 'accounts' | 'desk'>): Fetcher {
  return async ({ query, variables, operationName }) => {
    const { current } = accounts.state;
    desk.keepAnswer(null);
    const body = JSON.stringify({ query, variables, operationName: nameIn(query, operationName) });
    const answer = await read(() => accounts.send(current, body));
    desk.keepAnswer({ accountName: current.name, errors: answer.errors ?? [] });
    return answer;
  };
}

// GraphiQL learns a moment after one has typed which operation there is: who runs it at once would send the name of
// the one before.
function nameIn(query: string, name: string | null | undefined): string | undefined {
  return name && new RegExp(`\\b${name}\\b`).test(query) ? name : undefined;
}

async function read(send: () => Promise<Response>): Promise<ExecutionResult> {
  try {
    const response = await send();
    const text = await response.text();
    if (response.headers.get('content-type')?.includes('json')) return JSON.parse(text);
    return problem(`The answer is no GraphQL: ${response.status} ${response.statusText}`);
  } catch (error) {
    // The session ended before the operation was sent: nothing has run.
    if (error instanceof SessionError) return problem(error.message, error.extensions);
    throw error;
  }
}

function problem(message: string, extensions: Record<string, unknown> = {}): ExecutionResult {
  return { errors: [new GraphQLError(message, { extensions })] };
}
