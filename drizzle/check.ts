import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';

// Fails when the tables of src/*/table.ts are not what the migrations make.
const root = new URL('../', import.meta.url);
const tableFiles = readdirSync(new URL('src', root))
  .map((feature) => new URL(`src/${feature}/table.ts`, root))
  .filter((file) => existsSync(file));
const tables = await Promise.all(tableFiles.map((file) => import(file.href)));

const snapshots = readdirSync(new URL('drizzle/meta', root)).filter((name) =>
  name.endsWith('_snapshot.json'),
);
const newest = new URL(`drizzle/meta/${snapshots.toSorted().at(-1)}`, root);
const migrated = JSON.parse(readFileSync(newest, 'utf8'));
const current = generateDrizzleJson(Object.assign({}, ...tables), migrated.id);
const changes = await generateMigration(migrated, current);
if (changes.length > 0) {
  console.error(`The tables have changed since the last migration. Run: npm run generate`);
  process.exit(1);
}
