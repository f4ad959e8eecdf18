import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import service from '../../sallyport.config.ts';
import { type Account, refresh, register } from '../support/account.ts';
import { failure, startApp, type TestApp } from '../support/app.ts';
import { refusals } from '../support/refusals.ts';

let app: TestApp;
let plain: Account;
let admin: Account;
beforeAll(async () => {
  app = await startApp({ definition: service });
  plain = await register(app);
  admin = await register(app, { admin: true });
});
afterAll(() => app.close());

const create = (token: string, name: string, price = 9.5) =>
  app.ask(
    'mutation ($name: String!, $price: Float!) { createItem(name: $name, price: $price) { id name price } }',
    {
      token,
      variables: { name, price },
    },
  );

describe('an item', () => {
  test('is made with a fresh token, read and changed with any token, and removed by administrators only', async () => {
    const { accessToken: stale } = (await refresh(app, plain.refreshToken)).data.refresh;
    expect(failure(await create(stale, 'table'))).toEqual(refusals.freshRequired);

    const created = await create(plain.accessToken, 'table');
    expect(created.data.createItem).toMatchObject({ name: 'table', price: 9.5 });

    const changed = await app.ask(
      'mutation { updateItem(name: "table", price: 12) { id price } }',
      { token: stale },
    );
    expect(changed.data.updateItem).toEqual({ id: created.data.createItem.id, price: 12 });
    const read = await app.ask('{ item(name: "table") { name price } }', { token: stale });
    expect(read.data.item).toEqual({ name: 'table', price: 12 });

    const removal = 'mutation { deleteItem(name: "table") }';
    expect(failure(await app.ask(removal))).toEqual(refusals.missing);
    expect(failure(await app.ask(removal, { token: plain.accessToken }))).toEqual(
      refusals.adminRequired,
    );
    expect((await app.ask(removal, { token: admin.accessToken })).data).toEqual({
      deleteItem: true,
    });
    const gone = await app.ask('{ item(name: "table") { name } }', { token: stale });
    expect(failure(gone)).toEqual({ code: 'NOT_FOUND', message: 'Item not found.' });
  });

  test('that does not exist cannot be changed or removed', async () => {
    for (const mutation of [
      'updateItem(name: "no such", price: 1) { id }',
      'deleteItem(name: "no such")',
    ]) {
      const answer = await app.ask(`mutation { ${mutation} }`, { token: admin.accessToken });
      expect(failure(answer)).toEqual({ code: 'NOT_FOUND', message: 'Item not found.' });
    }
  });

  test('with the name of another is a conflict', async () => {
    await create(plain.accessToken, 'chair');
    expect(failure(await create(plain.accessToken, 'chair'))).toEqual({
      code: 'CONFLICT',
      message: 'An item with name "chair" already exists.',
    });
  });

  test.each([
    ['no name', '', 1, 'name'],
    ['a blank name', '   ', 1, 'name'],
    ['a name of 201 characters', 'n'.repeat(201), 1, 'name'],
    ['a name of two lines', 'two\nlines', 1, 'name'],
    ['a negative price', 'cheap', -0.01, 'price'],
  ])('with %s is refused', async (_what, name, price, argument) => {
    const answer = await create(plain.accessToken, name, price);
    expect(failure(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument });
  });

  test.each([
    ['200 characters', 'n'.repeat(200), 1],
    ['emoji, and the price 0', '🪑', 0],
  ])('may have a name of %s', async (_what, name, price) => {
    expect((await create(plain.accessToken, name, price)).errors).toEqual([]);
  });
});

describe('items', () => {
  test('show anonymous callers their names, and hide their prices', async () => {
    await create(plain.accessToken, 'a lamp', 3);
    const query = '{ items(first: 1) { edges { node { name price } } } }';
    const anonymous = await app.ask(query);
    expect(anonymous.data.items.edges).toEqual([{ node: { name: 'a lamp', price: null } }]);
    expect(failure(anonymous)).toEqual(refusals.missing);
    const signedIn = await app.ask(query, { token: plain.accessToken });
    expect(signedIn.data.items.edges).toEqual([{ node: { name: 'a lamp', price: 3 } }]);
  });

  test('are refused to an invalid token', async () => {
    const answer = await app.ask('{ items { edges { node { name } } } }', { token: 'a.b.c' });
    expect(failure(answer)).toEqual(refusals.invalid);
    expect(answer.data).toBeNull();
  });
});
