import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange } from '../support/exchange.ts';

let app: TestApp;
let port: number;
beforeAll(async () => {
  app = await startApp({ environment: { TRUST_PROXY: '127.0.0.1' } });
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  port = (app.http.server.address() as AddressInfo).port;
});
afterAll(() => app.close());

const query = '{"query":"{ serverTime }"}';

/** Sends lines of headers, and returns the status and the body that come back. */
async function send(requestLine: string, headers: readonly string[], body = '') {
  const lines = [requestLine, 'Connection: close', ...headers];
  if (body) lines.push(`Content-Length: ${body.length}`);
  const answer = await exchange(port, `${lines.join('\r\n')}\r\n\r\n${body}`);
  const [head = '', text = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: text };
}

const json = 'Content-Type: application/json';
const post = 'POST /graphql HTTP/1.1';
const host = 'Host: localhost';

describe('HTTP/1.0, which has no Host,', () => {
  test.each([
    ['GET /healthz', 200],
    ['GET /readyz', 200],
    ['GET /.well-known/jwks.json', 200],
    ['GET /graphql', 400],
    ['DELETE /graphql', 405],
    ['GET /nowhere', 404],
    ['GET /%zz', 400],
    ['POST /graphql', 400],
  ])('is answered as with a Host: %s with %i', async (target, status) => {
    expect((await send(`${target} HTTP/1.0`, [])).status).toBe(status);
    expect((await send(`${target} HTTP/1.1`, [host])).status).toBe(status);
  });

  test('may run an operation', async () => {
    const { status, body } = await send('POST /graphql HTTP/1.0', [json], query);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ data: { serverTime: '2030-01-01T12:00:00.000Z' } });
  });
});

describe('a request is refused with 400', () => {
  const refused = (message: string) => ({
    status: 400,
    body: JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }),
  });

  test.each([
    ['two Host lines', [host, 'Host: elsewhere'], 'There is more than one host header.'],
    ['the same Host twice', [host, 'HOST: localhost'], 'There is more than one host header.'],
    [
      'two Content-Type lines',
      [host, 'content-type: text/plain'],
      'There is more than one content-type header.',
    ],
    [
      'a forwarded protocol of two words',
      [host, 'X-Forwarded-Proto: 1 2'],
      'The X-Forwarded-Proto header is not valid.',
    ],
    [
      'a forwarded protocol other than HTTP',
      [host, 'X-Forwarded-Proto: javascript'],
      'The X-Forwarded-Proto header is not valid.',
    ],
    [
      'an empty last forwarded protocol',
      [host, 'X-Forwarded-Proto: https,'],
      'The X-Forwarded-Proto header is not valid.',
    ],
    [
      'a forwarded host of two words',
      [host, 'X-Forwarded-Host: a b'],
      'The Host header is not valid.',
    ],
    [
      'a forwarded host that is a path',
      [host, 'X-Forwarded-Host: a/b'],
      'The Host header is not valid.',
    ],
  ])('for %s', async (_what, headers, message) => {
    for (const target of ['GET /healthz HTTP/1.1', 'GET /healthz HTTP/1.0']) {
      expect(await send(target, [json, ...headers])).toEqual(refused(message));
    }
    expect(await send(post, [json, ...headers], query)).toEqual(refused(message));
  });
});

test.each([
  [host.replace('localhost', 'elsewhere'), 400],
  ['X-Forwarded-Proto: 1 2', 400],
  ['Content-Encoding: gzip', 415],
])('behind 3,000 other headers, "%s" is seen', async (header, status) => {
  const others = Array.from({ length: 3000 }, () => 'a:b');
  expect((await send(post, [host, json, ...others, header], query)).status).toBe(status);
});

test.each([
  ['a protocol in capitals', 'X-Forwarded-Proto: HTTPS'],
  ['the protocols of two proxies', 'X-Forwarded-Proto: gopher, https'],
  ['an invalid address', 'X-Forwarded-For: ,,%,<script>'],
  ['addresses without end', `X-Forwarded-For: ${'1.2.3.4,'.repeat(1000)}`],
  ['a host of one', 'X-Forwarded-Host: api.example.com'],
])('%s from a trusted proxy is served', async (_what, header) => {
  expect((await send(post, [host, json, header], query)).status).toBe(200);
});

test.each([
  ['a second charset', 'charset=utf-8; charset=utf-16'],
  ['a second charset in quotes', 'charset=utf-8; charset="utf-16"'],
  ['a second charset without a space', 'charset=utf-8;Charset=latin1'],
  ['a charset behind another parameter', 'x=y; charset=utf-16'],
  ['a charset that is empty', 'charset=""; charset=utf-8'],
])('%s is refused with 415', async (_what, parameters) => {
  const type = `Content-Type: application/json; ${parameters}`;
  const { status, body } = await send(post, [host, type], query);
  expect(status).toBe(415);
  expect(JSON.parse(body).errors[0].message).toBe('Requests are accepted in UTF-8 only.');
});
