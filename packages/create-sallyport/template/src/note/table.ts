import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { users } from 'sallyport/tables';

export const notes = pgTable('notes', {
  id: uuid().primaryKey().defaultRandom(),
  userId: uuid('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  text: text().notNull(),
});

export type NoteRow = typeof notes.$inferSelect;
