import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/database/database.ts';
import { createTable } from './items/table.ts';
import { databaseUrlOf, runOnServer } from './postgres.ts';

/** Makes one migrated database of which every test file creates a copy. */
export default async function makeTemplate({ provide }: TestProject) {
  const name = `sallyport_template_${process.pid}`;
  await runOnServer(`drop database if exists ${name}`, `create database ${name}`);
  const { database, close } = await openDatabase(
    { databaseUrl: databaseUrlOf(name), dataDir: 'memory:' },
    () => {},
  );
  await database.execute(createTable);
  await close();
  provide('template', name);
  provide('dataDir', '');
  return () => runOnServer(`drop database ${name}`);
}
