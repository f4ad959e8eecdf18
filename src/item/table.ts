import { doublePrecision, pgTable, text, uuid } from 'drizzle-orm/pg-core';

export const items = pgTable('items', {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull().unique(),
  price: doublePrecision().notNull(),
});

export type ItemRow = typeof items.$inferSelect;
