import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { users } from '../../src/user/table.ts';
import { onPostgres, openTestDatabase } from './database.ts';

const row = { username: 'ada', passwordHash: 'none', createdAt: new Date() };

test('a database that a test closed is empty for the next one', async () => {
  const { database, close } = await openTestDatabase();
  await database.insert(users).values(row);
  await close();
  const next = await openTestDatabase();
  onTestFinished(() => next.close());
  expect(await next.database.select().from(users)).toEqual([]);
});

// On a Postgres server each test has a database that is made for it.
test.skipIf(onPostgres)('tables that a test created are empty for the next one', async () => {
  const { database, close } = await openTestDatabase();
  await database.execute(sql`create table "of a new Feature" (name text)`);
  await database.execute(sql`insert into "of a new Feature" values ('kept')`);
  await close();
  const next = await openTestDatabase();
  onTestFinished(async () => {
    await next.database.execute(sql`drop table "of a new Feature"`);
    await next.close();
  });
  const { rows } = await next.database.execute(sql`select * from "of a new Feature"`);
  expect(rows).toEqual([]);
});
