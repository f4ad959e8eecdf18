import { asc, eq, gt } from 'drizzle-orm';
import type { Context } from '../../../src/context.ts';
import { badUserInput, conflict, notFound } from '../../../src/errors.ts';
import { readPage, toConnection } from '../../../src/input/pagination.ts';
import { readLine } from '../../../src/input/text.ts';
import { items } from './table.ts';

interface Item {
  readonly name: string;
  readonly price: number;
}

export const itemResolvers = {
  Query: {
    async item(_parent: unknown, { name }: Item, { database }: Context) {
      return found(await database.select().from(items).where(eq(items.name, name)));
    },
    async items(_parent: unknown, args: Parameters<typeof readPage>[0], { database }: Context) {
      const page = readPage(args);
      const rows = await database
        .select()
        .from(items)
        .where(page.afterKey === null ? undefined : gt(items.name, page.afterKey))
        .orderBy(asc(items.name))
        .limit(page.size + 1);
      return toConnection(rows, page, (item) => item.name);
    },
  },
  Mutation: {
    async createItem(_parent: unknown, { name, price }: Item, { database }: Context) {
      readLine('name', name, { minimumLength: 1, maximumLength: 200 });
      const values = { name, price: readPrice(price) };
      const created = await database.insert(items).values(values).onConflictDoNothing().returning();
      if (!created[0]) throw conflict(`An item with name "${name}" already exists.`);
      return created[0];
    },
    async updateItem(_parent: unknown, { name, price }: Item, { database }: Context) {
      const change = { price: readPrice(price) };
      return found(
        await database.update(items).set(change).where(eq(items.name, name)).returning(),
      );
    },
    async deleteItem(_parent: unknown, { name }: Item, { database }: Context) {
      found(await database.delete(items).where(eq(items.name, name)).returning());
      return true;
    },
  },
};

function found<Row>([row]: readonly Row[]): Row {
  if (!row) throw notFound('Item');
  return row;
}

function readPrice(price: number): number {
  if (Number.isFinite(price) && price >= 0) return price;
  throw badUserInput('price', '"price" must be zero or more, and finite.');
}
