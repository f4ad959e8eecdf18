import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/pglite';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database/database.ts';
import { unpackTemplate } from '../../src/database/embedded.ts';
import { onPostgres, openTestDatabase } from '../support/database.ts';
import { copyDataDir } from '../support/process.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-template-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function open(dataDir: string) {
  const opened = await openDatabase({ databaseUrl: null, dataDir }, () => {});
  return { ...opened, mark: join(dataDir, 'unfinished') };
}

describe.skipIf(onPostgres)('the database that the build made', () => {
  test('has every migration of the package, and no other row', async () => {
    const client = await unpackTemplate();
    onTestFinished(() => client.close());
    const { database, close } = await openTestDatabase();
    onTestFinished(close);
    const template = drizzle(client);
    const migrations = sql`select hash, created_at from drizzle.__drizzle_migrations order by id`;
    expect((await template.execute(migrations)).rows).toEqual(
      (await database.execute(migrations)).rows,
    );
    const names = await template.execute<{ name: string }>(
      sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    );
    expect(names.rows.length).toBeGreaterThan(5);
    for (const { name } of names.rows) {
      const { rows } = await template.execute(sql`select * from ${sql.identifier(name)}`);
      expect([name, rows]).toEqual([name, []]);
    }
  });
});

describe.skipIf(onPostgres)('a first start', () => {
  test('that ended while it made the database is repeated by the next start', async () => {
    const dataDir = join(directory, 'half');
    mkdirSync(join(dataDir, 'postgres', 'base'), { recursive: true, mode: 0o700 });
    const whole = join(copyDataDir(join(directory, 'whole')), 'postgres');
    copyFileSync(join(whole, 'PG_VERSION'), join(dataDir, 'postgres', 'PG_VERSION'));
    writeFileSync(join(dataDir, 'postgres', 'base', 'left over'), '');
    writeFileSync(join(dataDir, 'unfinished'), '');
    const { database, close, mark } = await open(dataDir);
    onTestFinished(close);
    expect((await database.execute(sql`select count(*)::int as count from users`)).rows).toEqual([
      { count: 0 },
    ]);
    expect(existsSync(mark)).toBe(false);
    expect(readdirSync(join(dataDir, 'postgres', 'base'))).not.toContain('left over');
  });

  test('makes the database, and later starts keep its rows', async () => {
    const dataDir = join(directory, 'kept');
    const first = await open(dataDir);
    await first.database.execute(sql`create table stored as select 1 as number`);
    await first.close();
    expect(existsSync(first.mark)).toBe(false);
    const next = await open(dataDir);
    onTestFinished(next.close);
    expect((await next.database.execute(sql`select number from stored`)).rows).toEqual([
      { number: 1 },
    ]);
  });
});
