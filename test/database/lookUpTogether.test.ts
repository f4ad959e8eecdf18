import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenDatabase } from '../../src/database/database.ts';
import {
  lookUpTogether,
  maximumTogether,
  statementsAtOnce,
} from '../../src/database/lookUpTogether.ts';
import { onPostgres, openTestDatabase } from '../support/database.ts';
import { deferred } from '../support/deferred.ts';

let opened: OpenDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

/** A look-up that finds a number's double, and whose statements wait until the test lets go of them. */
function heldLookUp() {
  const statements: { keys: readonly number[]; answer: () => void; fail: (e: Error) => void }[] =
    [];
  const look = lookUpTogether<number, number>((_database, keys) => {
    const { promise, resolve, reject } = deferred<number[]>();
    statements.push({ keys, answer: () => resolve(keys.map((key) => key * 2)), fail: reject });
    return promise;
  });
  return {
    statements,
    lookUp: (key: number) => look(opened.database, key),
    keys: () => statements.map(({ keys }) => keys),
  };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** Look-ups that come one after the other, each when the one before is sent: as many as may be under way. */
async function fill({ lookUp }: ReturnType<typeof heldLookUp>): Promise<Promise<number>[]> {
  const asked: Promise<number>[] = [];
  for (let key = 0; key < statementsAtOnce(opened.database); key++) {
    asked.push(lookUp(-1 - key));
    await turn();
  }
  return asked;
}

test('look-ups of one kind have one statement under way on the embedded database, and two on a Postgres', () => {
  expect(statementsAtOnce(opened.database)).toBe(onPostgres ? 2 : 1);
});

test('a look-up that comes alone has a statement of its own, at once', async () => {
  const held = heldLookUp();
  const answer = held.lookUp(21);
  await turn();
  expect(held.keys()).toEqual([[21]]);
  held.statements[0]?.answer();
  expect(await answer).toBe(42);
});

test('look-ups that come while statements are under way share the next statement, and each gets its own answer', async () => {
  const held = heldLookUp();
  const first = await fill(held);
  const others = [1, 2, 3, 2].map(held.lookUp);
  await turn();
  expect(held.statements).toHaveLength(first.length);
  held.statements[0]?.answer();
  await first[0];
  await turn();
  expect(held.keys().slice(first.length)).toEqual([[1, 2, 3, 2]]);
  held.statements.at(-1)?.answer();
  expect(await Promise.all(others)).toEqual([2, 4, 6, 4]);
});

test('a statement holds a limited number of look-ups, and the others are in the statements after it', async () => {
  const held = heldLookUp();
  const first = await fill(held);
  const others = Array.from({ length: 2 * maximumTogether + 50 }, (_, key) => held.lookUp(key));
  let answered = 0;
  while (answered < first.length + 3) {
    held.statements[answered]?.answer();
    answered += 1;
    await turn();
  }
  const sizes = held.keys().map(({ length }) => length);
  expect(sizes.slice(first.length)).toEqual([maximumTogether, maximumTogether, 50]);
  expect(await Promise.all(others)).toEqual(others.map((_, key) => key * 2));
});

test('a statement that fails fails its own look-ups, and no others', async () => {
  const held = heldLookUp();
  const first = await fill(held);
  const unlucky = [1, 2].map((key) => held.lookUp(key).catch(({ message }) => message));
  held.statements[0]?.answer();
  await turn();
  const later = [3, 4].map(held.lookUp);
  held.statements.at(-1)?.fail(new Error('broken'));
  expect(await Promise.all(unlucky)).toEqual(['broken', 'broken']);
  await turn();
  for (const { answer } of held.statements) answer();
  expect(await Promise.all(later)).toEqual([6, 8]);
  expect(await Promise.all(first)).toEqual(first.map((_, key) => (-1 - key) * 2));
});

test('in a transaction a look-up waits for no others, and is a statement of that transaction', async () => {
  const statements: unknown[] = [];
  const look = lookUpTogether<number, number>(async (database, keys) => {
    statements.push(database);
    if (database === opened.database) await new Promise(() => {});
    return keys;
  });
  const stuck = statementsAtOnce(opened.database);
  for (let key = 0; key < stuck; key++) {
    void look(opened.database, key);
    await turn();
  }
  await opened.database.transaction(async (transaction) => {
    expect(await Promise.all([look(transaction, 7), look(transaction, 8)])).toEqual([7, 8]);
    expect(statements.slice(stuck)).toEqual([transaction, transaction]);
  });
});
