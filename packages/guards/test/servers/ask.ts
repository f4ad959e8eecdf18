import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** One operation, as a client sends it. */
export interface Operation {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { reason?: string };
  }[];
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Answer | readonly Answer[];
}

type Headings = Readonly<Record<string, string | undefined>>;

export async function post(
  url: string,
  body: Operation | readonly Operation[],
  headers: Headings,
): Promise<HttpAnswer> {
  return await send(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: present({ 'content-type': 'application/json', ...headers }),
  });
}

export async function get(
  url: string,
  { query, operationName, variables }: Operation,
  headers: Headings,
): Promise<HttpAnswer> {
  const all = { query, operationName, variables: variables && JSON.stringify(variables) };
  const search = new URLSearchParams(present(all));
  return await send(`${url}?${search}`, { headers: present(headers) });
}

async function send(url: string, init: RequestInit): Promise<HttpAnswer> {
  const { status, headers, ...answer } = await fetchText(url, init);
  return { status, headers, body: answer.text === '' ? {} : JSON.parse(answer.text) };
}

async function fetchText(url: string, init: RequestInit) {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function present(headers: Headings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The events of a subscription by SSE, as Yoga sends them, or the answer that came in their place. */
export async function listen(
  url: string,
  operation: Operation,
  headers: Headings,
): Promise<Answer[]> {
  const { text } = await fetchText(url, {
    method: 'POST',
    body: JSON.stringify(operation),
    headers: present({
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...headers,
    }),
  });
  return [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => JSON.parse(json));
}

/** All that comes of an operation over a WebSocket. */
export async function talk(
  url: string,
  operation: Operation,
  connectionParams: Readonly<Record<string, unknown>>,
): Promise<Answer[]> {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
  });
  try {
    return await new Promise<Answer[]>((resolve, reject) => {
      const answers: Answer[] = [];
      client.subscribe<Answer['data'], never>(operation as never, {
        next: (answer) => answers.push(answer as Answer),
        error: (error) => (Array.isArray(error) ? resolve([{ errors: error }]) : reject(error)),
        complete: () => resolve(answers),
      });
    });
  } finally {
    await client.dispose();
  }
}
