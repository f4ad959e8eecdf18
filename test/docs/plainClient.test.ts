import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { root, sourceArguments } from '../support/checkout.ts';
import { blocksOf } from '../support/documentation.ts';

test('the client of docs/clients.md refreshes once, and prints the output that is quoted behind its lines', async () => {
  const [block] = blocksOf('client');
  const app = await startApp();
  const file = join(await mkdtemp(join(tmpdir(), 'sallyport-docs-')), 'client.mts');
  const clock = createServer((_request, response) => {
    app.clock.advance(20 * 60);
    response.end();
  }).listen(0, '127.0.0.1');
  try {
    const address = await app.http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = clock.address() as AddressInfo;
    const program = block?.code
      .replace('http://localhost:4000', address)
      .replace(/^\/\/ 20 minutes later.*$/m, `await fetch('http://127.0.0.1:${port}');`);
    await writeFile(file, program ?? '');
    const args = [...sourceArguments, file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const said = block?.code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm) ?? [];
    expect(stdout.trimEnd().split('\n')).toEqual([...said].map(([, line]) => line));
    const kinds = app.logLines.map((line) => JSON.parse(line).operation?.kind);
    // Registering, one refresh for two callers, and what was refused.
    expect(kinds.filter((kind) => kind === 'mutation')).toHaveLength(3);
  } finally {
    clock.close();
    await rm(dirname(file), { recursive: true });
    await app.close();
  }
}, 60_000);
