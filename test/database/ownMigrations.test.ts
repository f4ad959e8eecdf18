import { openAsBlob } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { users } from '../../src/tables.ts';
import { createPostgresDatabase, onPostgres } from '../support/database.ts';

const first = `create table boats (id uuid primary key, user_id uuid not null references users (id) on delete cascade)`;
const second = `alter table boats add column name text`;

let folder: string;
let settings: { databaseUrl: string | null; dataDir: string };
let removeDatabase = async () => {};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-migrations-'));
  if (onPostgres) {
    const { databaseUrl, remove } = await createPostgresDatabase();
    settings = { databaseUrl, dataDir: 'memory:' };
    removeDatabase = remove;
  } else {
    const dataDir = join(folder, 'data');
    settings = { databaseUrl: null, dataDir };
    await mkdir(dataDir);
    const loadDataDir = await openAsBlob(inject('template'));
    await (await PGlite.create({ dataDir: join(dataDir, 'postgres'), loadDataDir })).close();
  }
});
afterEach(async () => {
  await removeDatabase();
  await rm(folder, { recursive: true });
});

/** Writes migrations as drizzle-kit does. The times are of long ago: what ours are must make no difference. */
async function writeMigrations(...statements: string[]): Promise<void> {
  await mkdir(join(folder, 'meta'), { recursive: true });
  const entries = statements.map((_statement, idx) => ({
    idx,
    version: '7',
    when: 1_000_000_000_000 + idx,
    tag: `000${idx}_own`,
    breakpoints: true,
  }));
  for (const [index, statement] of statements.entries()) {
    await writeFile(join(folder, `000${index}_own.sql`), statement);
  }
  const journal = { version: '7', dialect: 'postgresql', entries };
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify(journal));
}

const open = () => openDatabase(settings, () => {}, folder);

async function openAndClose<Result>(work: (database: Database) => Promise<Result>) {
  const { database, close } = await open();
  try {
    return await work(database);
  } finally {
    await close();
  }
}

const applied = (database: Database) => database.$count(sql`drizzle.__own_migrations`);

test('tables of an own migration may refer to tables of the server, and have a journal of their own', async () => {
  await writeMigrations(first);
  const counts = await openAndClose(async (database) => {
    const [user] = await database
      .insert(users)
      .values({ username: 'ada', passwordHash: 'none', createdAt: new Date() })
      .returning();
    await database.execute(sql`insert into boats values (gen_random_uuid(), ${user?.id})`);
    await database.delete(users);
    return [await database.$count(sql`boats`), await applied(database)];
  });
  expect(counts).toEqual([0, 1]);
});

test('a migration is applied once, and the next one when it is added', async () => {
  await writeMigrations(first);
  expect(await openAndClose(applied)).toBe(1);
  expect(await openAndClose(applied)).toBe(1);
  await writeMigrations(first, second);
  expect(await openAndClose(applied)).toBe(2);
});

test('a migration that fails is reported with its folder, and leaves nothing behind', async () => {
  await writeMigrations(first, 'create table boats (id int)');
  await expect(open()).rejects.toThrow(`The migrations in ${folder} cannot be applied.`);
  await writeMigrations(first);
  expect(await openAndClose(applied)).toBe(1);
});

test('a folder without migrations is refused', async () => {
  await expect(open()).rejects.toThrow(`The migrations in ${folder} cannot be applied.`);
});

test.runIf(onPostgres)('nodes that start together apply the migrations once', async () => {
  await writeMigrations(first, second);
  const opened = await Promise.all([1, 2, 3, 4].map(open));
  expect(await Promise.all(opened.map(({ database }) => applied(database)))).toEqual([2, 2, 2, 2]);
  await Promise.all(opened.map(({ close }) => close()));
});
