import { eq } from 'drizzle-orm';
import { type Database, readLine } from 'sallyport';
import { type NoteRow, notes } from './table.ts';

export async function listNotes(database: Database, userId: string): Promise<NoteRow[]> {
  return await database.select().from(notes).where(eq(notes.userId, userId));
}

export async function countNotes(database: Database, userId: string): Promise<number> {
  return await database.$count(notes, eq(notes.userId, userId));
}

/** @throws BAD_USER_INPUT */
export async function createNote(
  database: Database,
  note: { userId: string; text: string },
): Promise<NoteRow | null> {
  readLine('text', note.text, { minimumLength: 1, maximumLength: 200 });
  const [created] = await database.insert(notes).values(note).returning();
  return created ?? null;
}

export async function deleteNotes(database: Database, userId: string): Promise<number> {
  const deleted = await database.delete(notes).where(eq(notes.userId, userId)).returning();
  return deleted.length;
}
