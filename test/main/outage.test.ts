import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretKey } from '../support/app.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import { killProcesses, type ServerProcess, startProcess } from '../support/process.ts';
import { startUnreliableNetwork, type UnreliableNetwork } from '../support/unreliableNetwork.ts';

afterAll(killProcesses);

describe.runIf(onPostgres)('a server whose database has vanished', () => {
  let network: UnreliableNetwork;
  let remove: () => Promise<void>;
  let server: ServerProcess;
  beforeAll(async () => {
    const created = await createPostgresDatabase();
    remove = created.remove;
    const url = new URL(created.databaseUrl);
    network = await startUnreliableNetwork({ host: url.hostname, port: Number(url.port || 5432) });
    url.host = `127.0.0.1:${network.port}`;
    server = await startProcess({ DATABASE_URL: url.href, JWT_SECRET_KEY: secretKey });
  });
  afterAll(async () => {
    await network.close();
    await remove();
  });

  test('finishes its requests and exits with 0 on SIGTERM', async () => {
    const register = (username: string) =>
      server.ask(
        `mutation { register(username: "${username}", password: "correct horse battery") { fresh } }`,
      );
    expect((await register('ada')).errors).toEqual([]);
    network.set('swallows');
    const begun = [register('grace'), register('hedy'), server.ask('{ serverTime }')];
    expect((await fetch(new URL('/readyz', server.url))).status).toBe(503);
    server.signal('SIGTERM');
    expect((await Promise.all(begun)).map(({ status }) => status)).toEqual([503, 503, 200]);
    const { exitCode, stderr } = await server.ended;
    expect(exitCode).toBe(0);
    expect(stderr).not.toMatch(/unhandled|uncaught/i);
  });
});
