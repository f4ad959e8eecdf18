import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  await app.http.listen({ port: 0 });
});
afterAll(() => app.close());

/** The commands of a section, each with the answer that stands below it. */
function examplesIn(heading: string): { command: string; answer: string }[] {
  const section = readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const pairs = section.matchAll(/```sh\n([^`]*)```\n\n```json\n([^`]*)```/g);
  return [...pairs].map(([, command = '', answer = '']) => ({ command, answer }));
}

test('every command of "A first session" gives the answer that stands below it', async () => {
  const { port } = app.http.server.address() as AddressInfo;
  const examples = examplesIn('A first session');
  expect(examples.length).toBeGreaterThanOrEqual(8);
  const tokens: Record<string, string> = {};
  for (const { command, answer } of examples) {
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-c', command.replaceAll('localhost:4000', `127.0.0.1:${port}`)],
      { env: { PATH: process.env['PATH'], ...tokens } },
    );
    const [, access] = /"accessToken":"([^"]+)"/.exec(stdout) ?? [];
    const [, refresh] = /"refreshToken":"([^"]+)"/.exec(stdout) ?? [];
    if (access && refresh) Object.assign(tokens, { ACCESS: access, REFRESH: refresh });
    expect(JSON.parse(stdout.replaceAll(/"eyJ[^"]+"/g, '"eyJ…"'))).toEqual(JSON.parse(answer));
  }
});
