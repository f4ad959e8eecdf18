import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultTimeLimits } from '../../src/server/timeLimits.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let port: number;
beforeAll(async () => {
  // The limits as they are, but for their unit.
  const scaled = Object.fromEntries(
    Object.entries(defaultTimeLimits).map(([name, milliseconds]) => [name, milliseconds / 50]),
  );
  app = await startApp({ timeLimits: scaled });
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  port = (app.http.server.address() as AddressInfo).port;
});
afterAll(() => app.close());

/** A client that sends a beginning and then a piece of the rest again and again, until it is hung up on. */
async function send(beginning: string, drip = ''): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let answer = '';
  let isOver = false;
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  // What it sends after the end is refused.
  socket.on('error', () => {});
  const closed = once(socket, 'close').then(() => {
    isOver = true;
  });
  socket.write(beginning);
  while (drip && !isOver) {
    await wait(20);
    socket.write(drip);
  }
  await closed;
  return answer.split('\r\n')[0] ?? '';
}

const head = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const timedOut = 'HTTP/1.1 408 Request Timeout';

describe('a client is disconnected', () => {
  test.each([
    ['that sends nothing', '', ''],
    ['that sends half of a request line', 'POST /gra', ''],
    ['whose headers never end', head, ''],
    ['whose headers drip', head, 'X-Drip: 1\r\n'],
    ['whose request line drips', 'POST /', 'x'],
    ['whose body never comes', `${head}Content-Length: 100\r\n\r\n`, ''],
    ['whose body drips', `${head}Content-Length: 100000\r\n\r\n`, ' '],
    ['whose chunks drip', `${head}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
    [
      'whose body drips to a path that does not read it',
      `${head.replace('/graphql', '/nowhere')}Content-Length: 100000\r\n\r\n`,
      ' ',
    ],
  ])('%s', async (_what, beginning, drip) => {
    expect(await send(beginning, drip)).toMatch(
      /^(HTTP\/1\.1 (408 Request Timeout|404 Not Found))?$/,
    );
  });

  test('with 408 and no line of an unexpected error, when its body is late', async () => {
    app.logLines.length = 0;
    expect(await send(`${head}Content-Length: 100000\r\n\r\n`, ' ')).toBe(timedOut);
    expect(app.logLines.map((line) => JSON.parse(line).level)).not.toContain(50);
  });

  test('that does not read its answer', async () => {
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', () => {});
    const ask = 'GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const connections = () =>
      new Promise<number>((resolve) =>
        app.http.server.getConnections((_error, count) => resolve(count)),
      );
    await expect.poll(connections).toBe(0);
    // More answers than the buffers of both ends hold.
    socket.write(ask.repeat(100_000));
    await expect.poll(connections).toBe(1);
    await expect.poll(connections).toBe(0);
    socket.destroy();
  });
});

test('requests are served while another client is slow', async () => {
  const slow = send(`${head}Content-Length: 100\r\n\r\n`);
  for (let time = 0; time < 5; time++) expect((await app.ask('{ serverTime }')).errors).toEqual([]);
  await slow;
});
