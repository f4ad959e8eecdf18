import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tryFeature, tryGuard } from './readme/programs.ts';
import { copyCheckout, root, run } from './support/checkout.ts';
import { onPostgres } from './support/database.ts';

let project: string;
const file = (name: string) => join(project, name);

async function sectionOf(title: string): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  return readme.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
}

async function replace(name: string, found: RegExp, replacement: string): Promise<void> {
  const text = await readFile(file(name), 'utf8');
  await writeFile(file(name), text.replace(found, replacement));
}

async function addFeature(): Promise<void> {
  const section = await sectionOf('Add a feature');
  const files = section.matchAll(
    /`((?:schema|src)\/invoice[^`]*)`[^`]*(?:`[^`]+`[^`]*)*?```\w+\n([^`]*)```/g,
  );
  for (const [, path = '', content = ''] of files) {
    await mkdir(dirname(file(path)), { recursive: true });
    await writeFile(file(path), content);
  }
  const line = /export const features[^`]*/.exec(section)?.[0] ?? '';
  await replace('src/features.ts', /export const features[^;]*;/, line);
  await replace(
    'src/features.ts',
    /^/,
    "import { invoiceResolvers } from './invoice/resolvers.ts';\n",
  );
}

async function addGuard(): Promise<void> {
  const section = await sectionOf('A guard of your own');
  const blocks = [...section.matchAll(/```\w+\n([^`]*)```/g)].map(([, block = '']) => block);
  const [directive = '', guards = '', contextType = '', field = ''] = blocks;
  await appendFile(file('schema/auth.graphql'), directive);
  await writeFile(file('src/guards.ts'), guards);
  await replace('codegen.yml', /(?<=directiveContextTypes:\n)( *)/, `$1${contextType.trim()}\n$1`);
  await replace('schema/item.graphql', /createItem\([^)]*\).*/, field.trim());
  await replace('schema/item.graphql', /price: Float @auth/, 'price: Float @named');
}

async function runProgram(name: string, source: string) {
  await writeFile(file(name), source);
  const printed = await run(project, 'npx', 'tsx', name);
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '');
}

// What a reader does with two sections, to a copy of the project. The database plays no part in it.
describe.skipIf(onPostgres)('with what the README says', () => {
  let feature: unknown;
  let tried: Record<string, unknown>;
  beforeAll(async () => {
    project = await copyCheckout();
    await addFeature();
    await addGuard();
    await run(project, 'npm', 'run', 'generate');
    await run(project, 'npx', 'tsc', '--project', 'tsconfig.build.json', '--noEmit');
    [feature, tried] = await Promise.all([
      runProgram('tryFeature.ts', tryFeature),
      runProgram('tryGuard.ts', tryGuard),
    ]);
  }, 120_000);
  afterAll(() => rm(project, { recursive: true }));

  test('the feature of "Add a feature" is generated, compiles and answers', () => {
    expect(feature).toEqual([
      { invoices: [] },
      { createInvoice: { title: 'A chair' } },
      { invoices: [{ title: 'A chair' }] },
      null,
    ]);
  });

  describe('the guard of "A guard of your own"', () => {
    test('refuses at the first door', () => {
      expect(tried['nameless']).toEqual({
        status: 403,
        challenge:
          'Bearer realm="sallyport", error="insufficient_scope", error_description="Only with a full name."',
        body: {
          errors: [
            {
              message: 'Only with a full name.',
              locations: [{ line: 1, column: 12 }],
              extensions: { code: 'FORBIDDEN', reason: 'NAME_REQUIRED' },
            },
          ],
        },
      });
    });

    test('lets through who has what it asks for', () => {
      expect(tried['named']).toMatchObject({
        status: 200,
        body: { data: { createItem: { name: 'chair' } } },
      });
    });

    test('refuses at the second door', () => {
      expect(tried['deeper']).toMatchObject({
        status: 200,
        body: {
          data: { items: { edges: [{ node: { name: 'chair', price: null } }] } },
          errors: [
            {
              message: 'Only with a full name.',
              path: ['items', 'edges', 0, 'node', 'price'],
              extensions: { code: 'FORBIDDEN', reason: 'NAME_REQUIRED' },
            },
          ],
        },
      });
    });

    test('counts as the directive of a root field', () => {
      expect(tried['problem']).toBe(
        'Query.naked has no access directive: add @auth, @fresh, @admin, @named, @optionalAuth or @public.',
      );
    });

    test('is in the access map, and nobody gets around it', async () => {
      const map = await readFile(join(project, 'schema/access-map.md'), 'utf8');
      expect(map).toMatch(/\| `Mutation\.createItem` .*`@fresh`, `@named`/);
      expect(tried['operations']).toBeGreaterThan(100);
    });

    test('gives its resolvers a user by type', async () => {
      const types = await readFile(join(project, 'src/generated/resolvers.ts'), 'utf8');
      const [item = ''] = /export type ItemResolvers<[^;]*;/.exec(types) ?? [];
      const [, price] = /price\?: (.*)/.exec(types.slice(types.indexOf('ItemResolvers<'))) ?? [];
      expect(item).not.toBe('');
      expect(price).toContain('Authenticated<ContextType>');
    });
  });
});
