import { asc, eq, gt } from 'drizzle-orm';
import {
  badUserInput,
  type Connection,
  conflict,
  type Database,
  notFound,
  type Page,
  readLine,
  toConnection,
} from 'sallyport';
import { type ItemRow, items } from './table.ts';

/** @throws NOT_FOUND */
export async function findItem(database: Database, name: string): Promise<ItemRow> {
  const [item] = await database.select().from(items).where(eq(items.name, name));
  if (!item) throw notFound('Item');
  return item;
}

export async function listItems(database: Database, page: Page): Promise<Connection<ItemRow>> {
  const rows = await database
    .select()
    .from(items)
    .where(page.afterKey === null ? undefined : gt(items.name, page.afterKey))
    .orderBy(asc(items.name))
    .limit(page.size + 1);
  return toConnection(rows, page, (item) => item.name);
}

/** @throws BAD_USER_INPUT, CONFLICT */
export async function createItem(
  database: Database,
  { name, price }: { name: string; price: number },
): Promise<ItemRow> {
  const values = {
    name: readLine('name', name, { minimumLength: 1, maximumLength: 200 }),
    price: readPrice(price),
  };
  const [item] = await database
    .insert(items)
    .values(values)
    .onConflictDoNothing({ target: items.name })
    .returning();
  if (!item) throw conflict(`An item with name "${name}" already exists.`);
  return item;
}

/** @throws BAD_USER_INPUT, NOT_FOUND */
export async function updateItem(
  database: Database,
  { name, price }: { name: string; price: number },
): Promise<ItemRow> {
  const [item] = await database
    .update(items)
    .set({ price: readPrice(price) })
    .where(eq(items.name, name))
    .returning();
  if (!item) throw notFound('Item');
  return item;
}

/** @throws NOT_FOUND */
export async function deleteItem(database: Database, name: string): Promise<void> {
  const deleted = await database.delete(items).where(eq(items.name, name)).returning();
  if (deleted.length === 0) throw notFound('Item');
}

function readPrice(price: number): number {
  // GraphQL reads 1e400 as infinite, which JSON cannot give back.
  if (!Number.isFinite(price) || price < 0) {
    throw badUserInput('price', '"price" must be zero or more, and finite.');
  }
  return price;
}
