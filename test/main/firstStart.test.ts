import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { password } from '../support/app.ts';
import { onPostgres } from '../support/database.ts';
import { killProcesses, startProcess } from '../support/process.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-first-start-'));
afterAll(() => {
  killProcesses();
  rmSync(directory, { recursive: true });
});

test.skipIf(onPostgres).each([
  ['when it has just begun', 0],
  ['somewhere in the middle', 150],
  ['later', 400],
])(
  'a server that is killed %s to make its database starts at the next attempt',
  async (_when, milliseconds) => {
    const dataDir = join(directory, String(milliseconds));
    const mark = join(dataDir, 'unfinished');
    const killed = startProcess({ DATA_DIR: dataDir }, undefined, async ({ signal }) => {
      await vi.waitUntil(() => existsSync(mark), { timeout: 20_000, interval: 1 });
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      signal('SIGKILL');
    });
    await expect(killed).rejects.toThrow('The server ended: {"exitCode":null');
    const server = await startProcess({ DATA_DIR: dataDir });
    const answer = await server.ask(
      `mutation ($password: String!) { register(username: "ada", password: $password) { tokenType } }`,
      { variables: { password } },
    );
    expect(answer.errors).toEqual([]);
    expect(existsSync(mark)).toBe(false);
    expect((await server.end('SIGTERM')).exitCode).toBe(0);
  },
);
