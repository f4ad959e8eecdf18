import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request: by default it passes. */
export type Fate =
  | 'pass'
  /** The connection ends before the server hears of the request. */
  | 'cutBefore'
  /** The connection ends when the server has answered, and nobody reads the answer. */
  | 'cutAfter'
  /** The request waits for `before` on its way to the server, and the answer waits for `after` on its way back. */
  | { readonly before?: Promise<unknown>; readonly after?: Promise<unknown> }
  /** Somebody on the way answers. */
  | { readonly status: number; readonly body: string; readonly type?: string };

export interface Passage {
  /** The first field of the operation. */
  readonly field: string;
  readonly token: string | null;
  /** Whether the operation has run: its answer has data. */
  ran: boolean;
}

export type Wire = Awaited<ReturnType<typeof startWire>>;

/** A connection to the server that can be watched, held up and cut: a proxy on a port of its own. */
export async function startWire(target: string) {
  const passages: Passage[] = [];
  const fates = new Map<string, Fate[]>();
  let isOffline = false;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { method = 'POST', headers } = request;
    const search = new URL(request.url ?? '', target).search;
    const field = fieldOf(
      method === 'GET' ? new URLSearchParams(search).get('query') : JSON.parse(body).query,
    );
    const token = headers.authorization?.slice('Bearer '.length) ?? null;
    const passage: Passage = { field, token, ran: false };
    const fate = isOffline ? 'cutBefore' : (fates.get(field)?.shift() ?? 'pass');
    if (!isOffline) passages.push(passage);
    if (fate === 'cutBefore') return void request.socket.destroy();
    if (typeof fate === 'object' && 'status' in fate) {
      const { status, type = 'text/html', body: text } = fate;
      return void response.writeHead(status, { 'content-type': type }).end(text);
    }
    const gates = typeof fate === 'object' ? fate : {};
    await gates.before;
    const answer = await fetch(`${target}${search}`, {
      method,
      headers: {
        ...(method === 'POST' && { 'content-type': 'application/json' }),
        accept: headers.accept ?? '*/*',
        ...(headers.authorization && { authorization: headers.authorization }),
      },
      ...(method === 'POST' && { body }),
    });
    const text = await answer.text();
    passage.ran = 'data' in JSON.parse(text);
    await gates.after;
    if (fate === 'cutAfter') return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(text);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    passages,
    /** How often an operation with this first field was sent. */
    count: (field: string) => passages.filter((passage) => passage.field === field).length,
    /** What happens to the next requests for a field, one after the other. */
    plan(field: string, ...next: Fate[]) {
      fates.set(field, [...(fates.get(field) ?? []), ...next]);
    },
    goOffline() {
      isOffline = true;
    },
    goOnline() {
      isOffline = false;
    },
    forget() {
      passages.length = 0;
      fates.clear();
      isOffline = false;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function fieldOf(query: unknown): string {
  return /\{\s*(?:\w+\s*:\s*)?(\w+)/.exec(String(query))?.[1] ?? '';
}
