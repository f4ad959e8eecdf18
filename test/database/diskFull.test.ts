import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Account, register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let account: Account;
beforeAll(async () => {
  app = await startApp();
  account = await register(app);
});
afterAll(() => app.close());

const create = (name: string) =>
  app.ask(`mutation { createItem(name: "${name}", price: 1) { name } }`, {
    token: account.accessToken,
  });
const ready = async () => (await app.inject({ url: '/readyz' })).statusCode;

/** Lets the database say to every write of an item, and to every new table, what it says when its disk is full. */
async function fillDisk(): Promise<void> {
  const raise = `begin raise exception using errcode = '53100', message = 'could not extend file'; end`;
  for (const statement of [
    `create function write_item() returns trigger language plpgsql as $$ ${raise} $$`,
    'create trigger write_item before insert on items for each row execute function write_item()',
    `create function make_table() returns event_trigger language plpgsql as $$ ${raise} $$`,
    `create event trigger make_table on ddl_command_start when tag in ('CREATE TABLE AS') execute function make_table()`,
  ]) {
    await app.database.execute(sql.raw(statement));
  }
}

async function freeDisk(): Promise<void> {
  for (const statement of [
    'drop event trigger make_table',
    'drop function make_table',
    'drop function write_item cascade',
  ]) {
    await app.database.execute(sql.raw(statement));
  }
}

test('on a full disk writes get a 503 and the server is not ready, no row is lost, and writes succeed when there is room again', async () => {
  expect((await create('before')).errors).toEqual([]);
  await fillDisk();
  const refused = await create('meanwhile');
  expect([refused.status, refused.headers['retry-after'], refused.data]).toEqual([503, '5', null]);
  expect(failure(refused)).toEqual({
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Something went wrong.',
    errorId: expect.any(String),
  });
  expect(await ready()).toBe(503);
  expect(await ready()).toBe(503);
  const token = account.accessToken;
  expect((await app.ask('{ item(name: "before") { name } }', { token })).data).toEqual({
    item: { name: 'before' },
  });
  await freeDisk();
  expect(await ready()).toBe(200);
  expect((await app.ask('{ item(name: "meanwhile") { name } }', { token })).data).toEqual({
    item: null,
  });
  expect((await create('meanwhile')).data).toEqual({ createItem: { name: 'meanwhile' } });
});
