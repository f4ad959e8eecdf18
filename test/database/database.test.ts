import { randomUUID } from 'node:crypto';
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Database, openDatabase, ping } from '../../src/database/database.ts';
import { createUser } from '../../src/user/user.ts';
import { register } from '../support/account.ts';
import { startApp } from '../support/app.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';
import { databaseUrlOf, runOnServer } from '../support/postgres.ts';

const now = new Date('2030-01-01T12:00:00.000Z');

async function addUser(database: Database, username: string) {
  const user = { username, passwordHash: 'none', fullName: null, isAdmin: false };
  return await createUser(database, user, now);
}

async function countMigrations(database: Database) {
  return await database.$count(sql`drizzle.__drizzle_migrations`);
}

function ignore(): void {}

describe.skipIf(onPostgres)('an embedded database', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-database-'));
  const settings = { databaseUrl: null, dataDir };
  beforeAll(async () => {
    const loadDataDir = await openAsBlob(inject('template'));
    await (await PGlite.create({ dataDir: join(dataDir, 'postgres'), loadDataDir })).close();
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));

  test('in memory has its tables and does not keep rows', async () => {
    const { database, close } = await openDatabase(
      { databaseUrl: null, dataDir: 'memory:' },
      ignore,
    );
    await ping(database);
    expect(await addUser(database, 'ada')).toMatchObject({ username: 'ada', createdAt: now });
    await close();
    await expect(ping(database)).rejects.toThrow();
  });

  test('in a directory keeps its rows when it is opened again, and migrates nothing twice', async () => {
    const first = await openDatabase(settings, ignore);
    const migrations = await countMigrations(first.database);
    expect(await addUser(first.database, 'ada')).not.toBeNull();
    await first.close();
    const second = await openDatabase(settings, ignore);
    expect(await countMigrations(second.database)).toBe(migrations);
    expect(await addUser(second.database, 'ada')).toBeNull();
    await second.close();
  });

  test('in a directory that is open is refused, until that is closed', async () => {
    const first = await openDatabase(settings, ignore);
    await expect(openDatabase(settings, ignore)).rejects.toThrow(
      `Another process uses the database in ${dataDir}. Stop it, or set DATA_DIR or DATABASE_URL.`,
    );
    expect(await addUser(first.database, 'grace')).not.toBeNull();
    await first.close();
    const second = await openDatabase(settings, ignore);
    expect(await addUser(second.database, 'grace')).toBeNull();
    await second.close();
  });
});

describe.runIf(onPostgres)('a Postgres database', () => {
  let databaseUrl: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ databaseUrl, remove } = await createPostgresDatabase());
  });
  afterAll(() => remove());

  test('that is empty is migrated once when several nodes open it at the same time', async () => {
    const name = `sallyport_${randomUUID().replaceAll('-', '')}`;
    await runOnServer(`create database ${name}`);
    const settings = { databaseUrl: databaseUrlOf(name), dataDir: 'memory:' };
    const opened = await Promise.all([1, 2, 3, 4].map(() => openDatabase(settings, ignore)));
    const counts = await Promise.all(opened.map(({ database }) => countMigrations(database)));
    expect(new Set(counts).size).toBe(1);
    expect(await addUser(opened[0]?.database as Database, 'ada')).not.toBeNull();
    await Promise.all(opened.map(({ close }) => close()));
    await runOnServer(`drop database ${name}`);
  });

  test('that breaks all idle connections serves the next request', async () => {
    const errors: Error[] = [];
    const { database, close } = await openDatabase({ databaseUrl, dataDir: 'memory:' }, (error) =>
      errors.push(error),
    );
    const app = await startApp({ database });
    const { accessToken: token } = await register(app);
    const breaker = await openDatabase({ databaseUrl, dataDir: 'memory:' }, ignore);
    const { rows } = await breaker.database.execute(sql`select pg_terminate_backend(pid)
      from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
    expect(rows.length).toBeGreaterThan(0);
    await expect.poll(() => errors.length).toBe(rows.length);
    expect((await app.ask('{ me { id } }', { token })).errors).toEqual([]);
    expect((await app.inject({ url: '/readyz' })).statusCode).toBe(200);
    await breaker.close();
    await app.close();
    await close();
  });

  test('that breaks busy connections fails their requests, and serves the next ones', async () => {
    const { database, close } = await openDatabase({ databaseUrl, dataDir: 'memory:' }, ignore);
    const app = await startApp({ database });
    const { accessToken: token } = await register(app);
    const breaker = await openDatabase({ databaseUrl, dataDir: 'memory:' }, ignore);
    let isOver = false;
    const codes: unknown[] = [];
    const clients = Array.from({ length: 6 }, async () => {
      while (!isOver) {
        // It locks its caller, changes nothing, and may be asked for as often as somebody likes.
        const { errors } = await app.ask(
          'mutation { endSession(id: "00000000-0000-4000-8000-000000000000") }',
          { token },
        );
        codes.push(...errors.map(({ extensions }) => extensions?.['code']));
      }
    });
    for (let round = 0; round < 25; round++) {
      await breaker.database.execute(sql`select pg_terminate_backend(pid)
        from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    isOver = true;
    await Promise.all(clients);
    expect(new Set(codes)).toEqual(new Set(['NOT_FOUND', 'INTERNAL_SERVER_ERROR']));
    expect((await app.inject({ url: '/readyz' })).statusCode).toBe(200);
    expect((await app.ask('{ me { id } }', { token })).errors).toEqual([]);
    await register(app);
    await breaker.close();
    await app.close();
    await close();
  });

  test('that refuses the login is reported by the name of its variable, without its password', async () => {
    const url = new URL(databaseUrl);
    url.pathname = '/no-such-database';
    url.password = 'hunter2';
    const opening = openDatabase({ databaseUrl: url.href, dataDir: 'memory:' }, ignore);
    const error = await opening.then(ignore, (reason: Error) => reason);
    expect(error).toMatchObject({
      message: 'Cannot connect to the Postgres of DATABASE_URL.',
      cause: { message: 'database "no-such-database" does not exist' },
    });
    expect(JSON.stringify([error, String(error), String(error?.cause)])).not.toContain('hunter2');
  });
});
