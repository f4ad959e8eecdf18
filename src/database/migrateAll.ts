import { fileURLToPath } from 'node:url';
import type { MigrationConfig } from 'drizzle-orm/migrator';

const ours = { migrationsFolder: fileURLToPath(new URL('../../drizzle', import.meta.url)) };

/**
 * Runs the migrations of the package, then those of the server that is built on it, whose tables may refer to ours.
 * Each has a journal of its own, so that neither's order depends on when the other was upgraded.
 */
export async function migrateAll(
  migrate: (migrations: MigrationConfig) => Promise<void>,
  own: string | URL | null,
): Promise<void> {
  await migrate(ours);
  if (own === null) return;
  const folder = own instanceof URL ? fileURLToPath(own) : own;
  try {
    await migrate({ migrationsFolder: folder, migrationsTable: '__own_migrations' });
  } catch (cause) {
    throw new Error(`The migrations in ${folder} cannot be applied.`, { cause });
  }
}
