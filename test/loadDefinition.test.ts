import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { loadDefinition } from '../src/loadDefinition.ts';
import { root, run } from './support/checkout.ts';
import { onPostgres } from './support/database.ts';

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'sallyport-definition-'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
});
afterEach(() => rm(project, { recursive: true }));

const configuration = (file: string) =>
  `export default { features: [{ schema: ${JSON.stringify(file)} }] };`;

async function write(name: string, text = configuration(name)): Promise<void> {
  await mkdir(join(project, name, '..'), { recursive: true });
  await writeFile(join(project, name), text);
}

test('a folder without a definition gets the default server', async () => {
  expect(await loadDefinition(project)).toEqual({
    features: [],
    guards: {},
    claims: null,
    userOfIssuer: null,
    onRefusal: null,
    messages: null,
    plugins: [],
    migrations: null,
  });
});

test.each([
  [['sallyport.config.js'], 'sallyport.config.js'],
  [['dist/sallyport.config.js'], 'dist/sallyport.config.js'],
  [['dist/sallyport.config.js', 'sallyport.config.js'], 'sallyport.config.js'],
])('of %j, %s is the definition', async (names, expected) => {
  for (const name of names) await write(name);
  const { features } = await loadDefinition(project);
  expect(features).toEqual([{ schema: [join(project, expected)] }]);
});

test('another file is the definition where it is named', async () => {
  await write('sallyport.config.js');
  await write('other.js');
  expect((await loadDefinition(project, 'other.js')).features).toEqual([
    { schema: [join(project, 'other.js')] },
  ]);
});

test.each<[string, string | null, string, string]>([
  ['that is named and does not exist', 'other.js', '', 'There is no other.js.'],
  [
    'without a default export',
    null,
    'export const server = {};',
    'sallyport.config.js has no default export.',
  ],
  ['that throws', null, 'throw new Error("no");', 'sallyport.config.js cannot be loaded.'],
  [
    'with an unknown option',
    null,
    'export default { feature: [] };',
    'defineServer: feature is no option',
  ],
])('a definition %s is refused', async (_what, given, text, message) => {
  await write('sallyport.config.js', text);
  await expect(loadDefinition(project, given)).rejects.toThrow(message);
});

// The database plays no part in it.
describe.skipIf(onPostgres)('the commands', () => {
  const sallyport = (...args: string[]) =>
    run(project, process.execPath, inject('program'), ...args);

  test('find a definition in TypeScript in their folder, with its imports', async () => {
    await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
    await write('schema/tide.graphql', 'extend type Query { "When." tide: String @public }');
    await write('src/tide.ts', 'export const tide: string = "high";');
    await write(
      'sallyport.config.ts',
      `import { tide } from './src/tide.ts';
       interface Resolvers { readonly Query: Record<string, () => string> }
       const resolvers: Resolvers = { Query: { tide: () => tide } };
       export default { features: [{ schema: 'schema/tide.graphql', resolvers }] };`,
    );
    expect(await sallyport('schema')).toContain('tide: String @public');
    expect(await sallyport('access')).toContain('| `Query.tide` | `@public` | `{ tide }` |');
  }, 60_000);

  test('print the problem of a definition on standard error', async () => {
    await write('sallyport.config.ts', `import './nowhere.ts';\nexport default {};`);
    await expect(sallyport('schema')).rejects.toThrow(
      /Sallyport cannot go on\. sallyport\.config\.ts cannot be loaded\. Cannot find module/,
    );
  }, 60_000);
});
