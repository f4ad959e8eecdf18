import { sql } from 'drizzle-orm';
import { doublePrecision, pgTable, text, uuid } from 'drizzle-orm/pg-core';

export const items = pgTable('items', {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull().unique(),
  price: doublePrecision().notNull(),
});

/** Makes the table, unless the service of this repository has made it. */
export const createTable = sql`create table if not exists items (
  id uuid primary key default gen_random_uuid(), name text not null unique, price double precision not null
)`;
