import { type AddressInfo, connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange as exchangeBytes } from '../support/exchange.ts';

let app: TestApp;
let port: number;
beforeAll(async () => {
  app = await startApp();
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  port = (app.http.server.address() as AddressInfo).port;
});
afterAll(() => app.close());

/** Writes bytes to the server and returns all that comes back until the connection ends. */
const exchange = (bytes: string) => exchangeBytes(port, bytes);

const get = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';

async function expectAlive() {
  expect((await exchange(`${get}\r\n`)).split('\r\n')[0]).toBe('HTTP/1.1 200 OK');
}

test.each([
  ['just over 16 KB', 16 * 1024],
  ['1 MB', 1024 * 1024],
])('headers of %s are refused with 431, and the server continues to run', async (_size, bytes) => {
  const token = 'x'.repeat(bytes);
  const answer = await exchange(`${get}Authorization: Bearer ${token}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(answer).not.toContain('xxx');
  expect(app.logLines.join('')).not.toContain('xxx');
  await expectAlive();
});

test('headers of 15 KB are read', async () => {
  const answer = await exchange(`${get}X-Long: ${'x'.repeat(15 * 1024)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ['no HTTP', 'hello\r\n\r\n'],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00'],
  ['no Host header', 'GET /healthz HTTP/1.1\r\n\r\n'],
  ['a NUL in a header', `${get}X-Nul: a\0b\r\n\r\n`],
  ['two lengths', `${get}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
  ['a length and chunks', `${get}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a request line of two', 'GET / HTTP/1.1 GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
])(
  'bytes that are %s are refused with 400, and the server continues to run',
  async (_what, bytes) => {
    expect(await exchange(bytes)).toMatch(/^HTTP\/1\.1 400 /);
    await expectAlive();
  },
);

test('a chunked body of more than 100 KB is refused with 413, and the server continues to run', async () => {
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
  const answer = await exchange(
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' +
      `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(2)}0\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  await expectAlive();
});

test('a client that disconnects during its request does no harm', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  );
  await wait(20);
  socket.resetAndDestroy();
  await expectAlive();
});

/** A database that has gone away. */
function brokenDatabase(): Database {
  const execute = () =>
    Promise.reject(new Error('connect ECONNREFUSED', { cause: new Error('the cable is cut') }));
  return new Proxy(app.database, {
    get: (target, name) => (name === 'execute' ? execute : Reflect.get(target, name)),
  });
}

describe('health with a database that answers', () => {
  test.each(['/healthz', '/readyz'])('%s is 200', async (url) => {
    const response = await app.inject({ url });
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'ok' }]);
  });
});

describe('health with a database that fails', () => {
  let broken: TestApp;
  beforeAll(async () => {
    broken = await startApp({ database: brokenDatabase() });
  });
  afterAll(() => broken.close());

  test('/healthz is 200', async () => {
    expect((await broken.inject({ url: '/healthz' })).statusCode).toBe(200);
  });

  test('/readyz is 503, and the reason is in the log alone', async () => {
    const response = await broken.inject({ url: '/readyz' });
    expect([response.statusCode, response.json()]).toEqual([503, { status: 'no database' }]);
    expect(broken.logLines.join('')).toContain('the cable is cut');
  });
});

test('/readyz is 200 again when the database is back', async () => {
  let failing = true;
  const flaky = new Proxy(app.database, {
    get: (target, name) =>
      name === 'execute' && failing
        ? () => Promise.reject(new Error('down'))
        : Reflect.get(target, name),
  });
  const node = await startApp({ database: flaky });
  expect((await node.inject({ url: '/readyz' })).statusCode).toBe(503);
  failing = false;
  expect((await node.inject({ url: '/readyz' })).statusCode).toBe(200);
  await node.close();
});

test('/readyz is 503 once the server is stopping', async () => {
  const node = await startApp({ database: app.database });
  let status = 0;
  node.http.addHook('preClose', async () => {
    const { port } = node.http.server.address() as AddressInfo;
    status = (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
  });
  await node.http.listen({ host: '127.0.0.1', port: 0 });
  await node.close();
  expect(status).toBe(503);
});

test('health is not logged with more than method, route, status, address and time', async () => {
  app.logLines.length = 0;
  await app.inject({
    url: '/healthz?secret=hunter2',
    headers: { authorization: 'Bearer hunter2' },
  });
  const [line] = app.logLines.map((text) => JSON.parse(text));
  expect(line).toMatchObject({ msg: 'request', method: 'GET', route: '/healthz', status: 200 });
  expect(app.logLines.join('')).not.toContain('hunter2');
});

test('a probe in HTTP/1.0, which has no Host, is answered', async () => {
  const answer = await exchange('GET /healthz HTTP/1.0\r\n\r\n');
  expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 200 OK');
});

test('bytes that are not HTTP are answered in the form of the API, and none of them is logged', async () => {
  app.logLines.length = 0;
  const answer = await exchange(
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer hunter2\r\nno header\r\n\r\n',
  );
  expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request');
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
    errors: [{ message: 'The request cannot be read.', extensions: { code: 'BAD_REQUEST' } }],
  });
  const [line, ...others] = app.logLines.map((text) => JSON.parse(text));
  expect(line).toMatchObject({
    msg: 'a request could not be read',
    code: 'HPE_INVALID_HEADER_TOKEN',
  });
  expect(Object.keys(line).toSorted()).toEqual(['code', 'hostname', 'level', 'msg', 'pid', 'time']);
  expect(others).toEqual([]);
});

test('a path that cannot be decoded is refused, and not repeated in the answer', async () => {
  const response = await app.inject({ url: '/%zz' });
  expect(response.statusCode).toBe(400);
  expect(response.json()).toEqual({
    errors: [{ message: 'The request cannot be read.', extensions: { code: 'BAD_REQUEST' } }],
  });
});
