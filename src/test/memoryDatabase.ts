import type { PGlite } from '@electric-sql/pglite';
import type { OpenDatabase } from '../database/database.ts';
import { unpackTemplate, usePglite } from '../database/embedded.ts';

// Embedded databases that nobody uses now, by their migrations: emptying one is quicker than starting another.
const idle = new Map<string, PGlite[]>();

/** Opens a migrated, empty database in memory that only the caller uses, until it is closed. */
export async function openMemoryDatabase(migrations: string | URL | null): Promise<OpenDatabase> {
  const waiting = idle.get(String(migrations)) ?? [];
  idle.set(String(migrations), waiting);
  const client = waiting.pop() ?? (await unpackTemplate());
  const { database } = await usePglite(client, migrations);
  return {
    database,
    async close() {
      await emptyTables(client);
      waiting.push(client);
    },
  };
}

/** Empties every table but the journals of the migrations, which are not in the schema `public`. */
export async function emptyTables(client: PGlite): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const names = rows.map(({ name }) => name).join(', ');
  await client.exec(`truncate ${names} restart identity cascade`);
}
