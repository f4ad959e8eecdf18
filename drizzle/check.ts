import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';

// Fails when the tables of src/*/table.ts are not what the migrations make: those of the package, and those of the
// features in sallyport.config.ts.
const root = new URL('../', import.meta.url);
const rooms = ['apiToken', 'audit', 'session', 'throttle', 'user'];
const tableFolders = readdirSync(new URL('src', root)).filter((folder) =>
  existsSync(new URL(`src/${folder}/table.ts`, root)),
);
await compare(
  'drizzle',
  tableFolders.filter((folder) => rooms.includes(folder)),
);
await compare(
  'drizzle/own',
  tableFolders.filter((folder) => !rooms.includes(folder)),
);

async function compare(migrations: string, folders: readonly string[]): Promise<void> {
  const tables = await Promise.all(
    folders.map((folder) => import(new URL(`src/${folder}/table.ts`, root).href)),
  );
  const meta = new URL(`${migrations}/meta/`, root);
  const newest = readdirSync(meta).filter((name) => name.endsWith('_snapshot.json'));
  const migrated = JSON.parse(readFileSync(new URL(`${newest.toSorted().at(-1)}`, meta), 'utf8'));
  const current = generateDrizzleJson(Object.assign({}, ...tables), migrated.id);
  const changes = await generateMigration(migrated, current);
  if (migrations === 'drizzle' && changes.some((change) => change.startsWith('DROP TABLE'))) {
    // Generated before a feature got migrations of its own, say: dropping the table would lose what is in it.
    console.error('The newest snapshot in drizzle/meta has tables that are not of the package.');
    process.exit(1);
  }
  if (changes.length === 0) return;
  console.error(
    `The tables of ${migrations} have changed since the last migration. Run: npm run generate`,
  );
  process.exit(1);
}
