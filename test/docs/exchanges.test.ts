import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { blocksOf } from '../support/documentation.ts';

const run = promisify(execFile);
const requests = blocksOf('exchange');
const answers = blocksOf('answer');
const places = requests.map(({ page, heading }) => `${page}, ${heading}`);

test('below each request is its answer', () => {
  expect(answers.map(({ previous }) => previous)).toEqual(requests);
});

// A reader follows a section from its beginning, on a server that has just started, and keeps the newest pair.
test.each([...new Set(places)])('%s: each request gets the answer below it', async (place) => {
  const app = await startApp();
  try {
    await app.http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.http.server.address() as AddressInfo;
    let tokens = {};
    for (const { code, previous } of answers.filter((_answer, index) => places[index] === place)) {
      const command = previous?.code.replaceAll('localhost:4000', `127.0.0.1:${port}`) ?? '';
      const env = { PATH: process.env['PATH'], ...tokens };
      const { stdout } = await run('bash', ['--norc', '-c', command], { env });
      const [, access] = /"accessToken":"([^"]+)"/.exec(stdout) ?? [];
      const [, refresh] = /"refreshToken":"([^"]+)"/.exec(stdout) ?? [];
      if (access && refresh) tokens = { ACCESS: access, REFRESH: refresh };
      expect(JSON.parse(stdout.replaceAll(/"eyJ[^"]+"/g, '"eyJ…"'))).toEqual(JSON.parse(code));
    }
  } finally {
    await app.close();
  }
});
