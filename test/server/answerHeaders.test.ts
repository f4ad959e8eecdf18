import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { register } from '../support/account.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange } from '../support/exchange.ts';

interface Server {
  readonly app: TestApp;
  readonly port: number;
  readonly token: string;
}

let plain: Server;
let shared: Server;
beforeAll(async () => {
  plain = await start({ CORS_ORIGINS: 'https://one.example,https://two.example' });
  shared = await start({ CORS_ORIGINS: '*', TRUST_PROXY: '127.0.0.1' });
});
afterAll(async () => {
  await plain.app.close();
  await shared.app.close();
});

async function start(environment: Record<string, string>): Promise<Server> {
  const app = await startApp({ environment });
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.http.server.address() as AddressInfo;
  return { app, port, token: (await register(app)).accessToken };
}

const host = 'Host: localhost';
const close = 'Connection: close';
const json = 'Content-Type: application/json';
const graphql = 'Accept: application/graphql-response+json';

/** A request in HTTP/1.1 that is asked for nothing but its lines. */
const get = (path: string, ...lines: string[]) => send('GET', path, [host, close, ...lines]);
const send = (method: string, path: string, lines: readonly string[], body = '') =>
  `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body}`;
const post = (body: string, ...lines: string[]) =>
  send('POST', '/graphql', [host, close, json, `Content-Length: ${body.length}`, ...lines], body);
const ask = (query: string, ...lines: string[]) => post(JSON.stringify({ query }), ...lines);

const origin = 'Origin: https://one.example';
const preflight = (...lines: string[]) =>
  send('OPTIONS', '/graphql', [
    host,
    close,
    'Access-Control-Request-Method: POST',
    'Access-Control-Request-Headers: authorization,content-type',
    ...lines,
  ]);
const me = '{ me { id } }';

const requests: Readonly<Record<string, (signedIn: string) => string>> = {
  'a public query': () => ask('{ serverTime }'),
  'a public query, as GraphQL': () => ask('{ serverTime }', graphql),
  'a public query, kept alive': () =>
    ask('{ serverTime }').replace(close, 'Connection: keep-alive') + get('/healthz'),
  'a public query in HTTP/1.0': () => ask('{ serverTime }').replace('HTTP/1.1', 'HTTP/1.0'),
  'a query of one who is signed in': (signedIn) => ask(me, signedIn),
  'a query of one who is signed in, as GraphQL': (signedIn) => ask(me, signedIn, graphql),
  'a query of nobody': () => ask(me),
  'a query of nobody, as GraphQL': () => ask(me, graphql),
  'a query with a bad token, as GraphQL': () => ask(me, graphql, 'Authorization: Bearer x'),
  'a query with two tokens, as GraphQL': (signedIn) => ask(me, graphql, signedIn, signedIn),
  'a query of a list, as GraphQL': (signedIn) =>
    ask('{ users { edges { cursor } } }', signedIn, graphql),
  'a query that fails in part': () => ask('{ serverTime me { id } }'),
  'a query with an origin': () => ask('{ serverTime }', origin),
  'a query with another origin': () => ask('{ serverTime }', 'Origin: https://evil.example'),
  'a refused query with an origin, as GraphQL': () => ask(me, origin, graphql),
  'a preflight': () => preflight(origin),
  'a preflight of another origin': () => preflight('Origin: https://evil.example'),
  'OPTIONS without an origin': () => send('OPTIONS', '/graphql', [host, close]),
  'a syntax error': () => ask('{'),
  'a syntax error, as GraphQL': () => ask('{', graphql),
  'a field that is not there': () => ask('{ nothing }'),
  'no query': () => post('{}'),
  'a list of queries': () => post('[{"query":"{ serverTime }"}]'),
  'a body that is no JSON': () => post('{'),
  'a body that is empty': () => post(''),
  'a body that is too large': () => post(' '.repeat(200_000)),
  'what cannot be accepted': () => ask('{ serverTime }', 'Accept: image/png'),
  'an unknown charset': () => ask('{ serverTime }').replace(json, `${json}; charset=latin1`),
  'a charset in quotes': () => ask('{ serverTime }').replace(json, `${json}; charset="UTF-8"`),
  'plain text': () => ask('{ serverTime }').replace(json, 'Content-Type: text/plain'),
  'no content type': () => ask('{ serverTime }').replace(`${json}\r\n`, ''),
  'two content types': () => ask('{ serverTime }', json),
  'a compressed body': () => ask('{ serverTime }', 'Content-Encoding: gzip'),
  'two hosts': () => ask('{ serverTime }', host),
  'a bad host': () => ask('{ serverTime }').replace(host, 'Host: a/b'),
  'a port that is none': () => ask('{ serverTime }').replace(host, 'Host: localhost:99999'),
  'a bad host that a proxy passed on': () => ask('{ serverTime }', 'X-Forwarded-Host: a/b'),
  'a bad protocol that a proxy passed on': () => ask('{ serverTime }', 'X-Forwarded-Proto: a:'),
  'GET of the endpoint': () => get('/graphql'),
  'GET with a query': () => get('/graphql?query=%7BserverTime%7D'),
  'DELETE of the endpoint': () => send('DELETE', '/graphql', [host, close]),
  'what is not there': () => get('/nothing'),
  'what is not there, with an origin': () => get('/nothing', origin),
  'a path that cannot be decoded': () => get('/%'),
  'no HTTP': () => 'hello\r\n\r\n',
  'headers that are too long': () => get('/healthz', `X-Long: ${'x'.repeat(20_000)}`),
  'the health of the process': () => get('/healthz'),
  'the health of the service': () => get('/readyz'),
  'HEAD of the health': () => send('HEAD', '/healthz', [host, close]),
  'the public keys': () => get('/.well-known/jwks.json'),
};

test('the headers of each kind of answer, and their order, are those of answerHeaders.txt', async () => {
  const parts: string[] = [];
  for (const [what, request] of Object.entries(requests)) {
    // What the two differ in is whom they trust, and whom they let read their answers.
    const isAlike = !/public query|origin|preflight|OPTIONS|proxy|host|port/.test(what);
    for (const [name, { port, token }] of Object.entries(isAlike ? { plain } : { plain, shared })) {
      const answer = await exchange(port, request(`Authorization: Bearer ${token}`));
      expect(answer, what).not.toBe('');
      parts.push(`# ${what}, of the ${name} server\n\n${headersOf(answer)}\n`);
    }
  }
  await expect(parts.join('\n')).toMatchFileSnapshot('answerHeaders.txt');
});

// All lines up to the bodies, without what differs each time.
function headersOf(answer: string): string {
  const heads = answer.split(/(?=HTTP\/1\.1 )/).map((each) => each.split('\r\n\r\n')[0] ?? '');
  return heads
    .join('\n')
    .replaceAll('\r', '')
    .replaceAll(/^date: .*$/gim, 'date: now')
    .replaceAll(/[ \t]+$/gm, '');
}
