import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Pair, pairFields } from '../support/account.ts';
import { failure, password, secretKey } from '../support/app.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import { databaseUrlOf, runOnServer } from '../support/postgres.ts';
import { killProcesses, runProcess, type ServerProcess, startProcess } from '../support/process.ts';
import { refusals } from '../support/refusals.ts';

afterAll(killProcesses);

describe.runIf(onPostgres)('two servers that start together on an empty Postgres', () => {
  const name = `sallyport_${randomUUID().replaceAll('-', '')}`;
  const environment = () => ({
    DATABASE_URL: databaseUrlOf(name),
    JWT_SECRET_KEY: secretKey,
    ADMIN_USERNAME: 'root',
    ADMIN_PASSWORD: password,
  });
  let nodes: [ServerProcess, ServerProcess];
  beforeAll(async () => {
    await runOnServer(`create database ${name}`);
    nodes = await Promise.all([startProcess(environment()), startProcess(environment())]);
  });
  afterAll(() => runOnServer(`drop database ${name} with (force)`));

  test('have one administrator and the same sessions: a logout on one is seen on the other', async () => {
    const [one, other] = nodes;
    const signIn = `mutation ($password: String!) {
      login(username: "root", password: $password) { ${pairFields} }
    }`;
    const answer = await one.ask(signIn, { variables: { password } });
    const { accessToken: token }: Pair = answer.data.login;
    expect((await other.ask('{ me { username isAdmin } }', { token })).data).toEqual({
      me: { username: 'root', isAdmin: true },
    });
    expect((await one.ask('mutation { logout }', { token })).data).toEqual({ logout: true });
    expect(failure(await other.ask('{ me { id } }', { token }))).toEqual(refusals.revoked);
  });

  test('exit with 0 on SIGTERM and on SIGINT', async () => {
    const [one, other] = nodes;
    const ends = await Promise.all([one.end('SIGTERM'), other.end('SIGINT')]);
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });
});

describe.runIf(onPostgres)('a server that cannot make its administrator', () => {
  test('prints the reason and exits with 1, without the hash of the password', async () => {
    const { databaseUrl, remove } = await createPostgresDatabase();
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(`alter table users add constraint unlucky check (username <> 'root')`);
    await client.end();
    const { exitCode, stdout, stderr } = await runProcess({
      DATABASE_URL: databaseUrl,
      JWT_SECRET_KEY: secretKey,
      ADMIN_USERNAME: 'root',
      ADMIN_PASSWORD: password,
    });
    await remove();
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('violates check constraint "unlucky"');
    expect(stderr).not.toMatch(/argon2|correct horse/);
  });
});
