import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { keepStatements, maximumKept } from '../../src/database/keepStatements.ts';

let client: PGlite;
let parsed: () => number;
beforeEach(async () => {
  client = await PGlite.create({ loadDataDir: await openAsBlob(inject('template')) });
  await client.exec('create table animals (name text primary key, legs integer not null)');
  const send = vi.spyOn(client, 'execProtocolStream');
  parsed = () => send.mock.calls.filter(([message]) => message[0] === 'P'.charCodeAt(0)).length;
  keepStatements(client);
});
afterEach(() => client.close());

const insert = 'insert into animals (name, legs) values ($1, $2) returning name';
const select = 'select * from animals where legs >= $1 order by name';
const named = async (count: number) =>
  (await client.query<{ name: string }>(select, [count])).rows.map(({ name }) => name);

describe('the embedded database', () => {
  test('parses a statement once, whatever its parameters are', async () => {
    await client.query(insert, ['horse', 4]);
    await client.query(insert, ['bird', 2]);
    for (let time = 0; time < 10; time++) {
      expect(await named(4)).toEqual(['horse']);
      expect(await named(0)).toEqual(['bird', 'horse']);
      expect(await named(5)).toEqual([]);
    }
    expect(parsed()).toBe(2);
  });

  test('keeps a statement beyond an error of the database, and beyond a transaction that is rolled back', async () => {
    await client.query(insert, ['horse', 4]);
    const twice = client.transaction(async (transaction) => {
      await transaction.query(insert, ['bird', 2]);
      await transaction.query(insert, ['horse', 4]);
    });
    await expect(twice).rejects.toMatchObject({ code: '23505' });
    const wrong = client.query(insert, ['cat', 'four']);
    await expect(wrong).rejects.toMatchObject({ code: '22P02' });
    await client.query(insert, ['cat', 4]);
    expect(await named(0)).toEqual(['cat', 'horse']);
    expect(parsed()).toBe(2);
  });

  test('keeps no statement that cannot be parsed', async () => {
    for (let time = 0; time < 2; time++) {
      await expect(client.query('select nothing from nowhere')).rejects.toMatchObject({
        code: '42P01',
      });
    }
    await client.exec('create table nowhere (nothing text)');
    expect((await client.query('select nothing from nowhere')).rows).toEqual([]);
  });

  test.each([
    ['a table was changed', 'alter table animals add column sound text'],
    ['somebody deallocated it', 'deallocate all'],
  ])('prepares a statement anew after %s', async (_why, change) => {
    await client.query(insert, ['horse', 4]);
    expect(await named(0)).toEqual(['horse']);
    await client.exec(change);
    await named(0).catch(() => {});
    expect(await named(0)).toEqual(['horse']);
  });

  test('tells statements apart that differ in the types of their parameters alone', async () => {
    const text = 'select $1 as value';
    const as = async (value: unknown, type: number) =>
      (await client.query<{ value: unknown }>(text, [value], { paramTypes: [type] })).rows[0]
        ?.value;
    const [integer, boolean] = [23, 16];
    expect([await as(1, integer), await as(true, boolean), await as(2, integer)]).toEqual([
      1,
      true,
      2,
    ]);
  });

  test('keeps so many statements, those that were used last', async () => {
    const text = (number: number) => `select ${number} as value`;
    await client.query(text(0));
    for (let number = 1; number <= maximumKept + 20; number++) {
      expect((await client.query(text(number))).rows).toEqual([{ value: number }]);
      await client.query(text(0));
    }
    const before = parsed();
    await client.query(text(0));
    expect(parsed()).toBe(before);
    const { rows } = await client.query<{ count: number }>(
      'select count(*)::integer as count from pg_prepared_statements',
    );
    expect(rows[0]?.count).toBeGreaterThan(maximumKept - 2);
    expect(rows[0]?.count).toBeLessThanOrEqual(maximumKept + 1);
  });
});
