import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { errorBody } from './errorAnswers.ts';

const longestKnown = 256;

interface Problem {
  readonly status: 400 | 415;
  readonly message: string;
}

/** What holds for every request, whatever its route: headers that are well formed, in an encoding that is read. */
export function addRequestRules(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    nameServer(request);
    const problem = findRequestProblem(request);
    if (!problem) return done();
    reply.code(problem.status).send(errorBody(problem.message));
  });
}

// HTTP/1.0, which probes of load balancers speak, has no Host: then it is the server's own (RFC 9112, section 3.3).
function nameServer({ raw }: FastifyRequest): void {
  if (raw.httpVersion === '1.0') raw.headers.host ??= 'localhost';
}

function findRequestProblem(request: FastifyRequest): Problem | null {
  const { headers, host, protocol } = request;
  // RFC 9112, section 3.2, and RFC 9110, section 5.3: a proxy in front may have read the other line.
  const twice = findTwice(request, 'host') ?? findTwice(request, 'content-type');
  if (twice) return { status: 400, message: `There is more than one ${twice} header.` };
  if (!isHost(host)) {
    return { status: 400, message: 'The Host header is not valid.' };
  }
  if (!/^https?$/i.test(protocol)) {
    return { status: 400, message: 'The X-Forwarded-Proto header is not valid.' };
  }
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    return { status: 415, message: 'Compressed requests are not accepted.' };
  }
  return isUtf8(headers['content-type'] ?? '')
    ? null
    : { status: 415, message: 'Requests are accepted in UTF-8 only.' };
}

// Of several lines of one of these two, `headers` keeps only the first.
function findTwice({ raw: { rawHeaders } }: FastifyRequest, name: string): string | null {
  let lines = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const text = rawHeaders[index] as string;
    if (text.length === name.length && text.toLowerCase() === name) lines += 1;
  }
  return lines > 1 ? name : null;
}

// Anything that another reader could take for the charset must name the same one.
const isUtf8 = judgeOnce((contentType) => {
  const charsets = contentType.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi);
  return [...charsets].every(([, charset]) => charset?.toLowerCase() === 'utf-8');
});

// A name or address and a port, and nothing of a URL around them (RFC 3986, section 3.2.2).
const isHost = judgeOnce((host) => /^[\w.~%:[\]-]+$/.test(host) && URL.canParse(`http://${host}/`));

/** Judges each of the last hundred texts once: nearly all requests bring the same few. */
function judgeOnce(judge: (text: string) => boolean): (text: string) => boolean {
  const known = new LRUCache<string, boolean>({ max: 100 });
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const judgement = judge(text);
    if (text.length <= longestKnown) known.set(text, judgement);
    return judgement;
  };
}
