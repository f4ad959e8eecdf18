import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as engine from '../../packages/guards/src/index.ts';
import * as accessMap from '../../src/accessMapPlugin.ts';
import * as service from '../../src/index.ts';
import * as tables from '../../src/tables.ts';
import * as testing from '../../src/test.ts';
import { root, run, runSource } from '../support/checkout.ts';

/** What has an example: where it is imported from, its name, and the file of its doc comment. */
interface Documented {
  readonly from: string;
  readonly name: string;
  readonly path: string;
}

/** The values that a file exports again, by the files that they come from. */
function namesIn(from: string, file: string): Documented[] {
  const source = readFileSync(join(root, 'src', file), 'utf8');
  return [...source.matchAll(/export \{([^}]*)\} from '(\.[^']*)'/g)].flatMap(
    ([, names = '', path = '']) =>
      names.split(',').map((name) => ({ from, name: name.trim(), path })),
  );
}

const isFunction = (value: unknown) => typeof value === 'function';

/**
 * Each function, class and table that `sallyport` exports besides what the engine does, with the example of its doc
 * comment.
 */
const examples = [
  ...namesIn('sallyport', 'index.ts').filter(
    ({ name }) => isFunction(Object(service)[name]) && !(name in engine),
  ),
  ...namesIn('sallyport/tables', 'tables.ts').filter(({ name }) => name in tables),
  ...namesIn('sallyport/test', 'test.ts').filter(({ name }) => name in testing),
  ...Object.keys(accessMap).map((name) => ({
    from: 'sallyport/codegen/access-map',
    name,
    path: './accessMapPlugin.ts',
  })),
].map((documented) => ({ ...documented, code: exampleOf(documented) }));

function exampleOf({ name, path }: Documented): string {
  const source = readFileSync(join(root, 'src', path), 'utf8');
  const [before = ''] = source.split(
    new RegExp(`^export (?:async )?(?:function|class|const) ${name}\\b`, 'm'),
  );
  const comment = before.slice(before.lastIndexOf('/**'));
  const [, example = ''] = /^ \* @example\n((?: \*.*\n)*?) \*\/\n$/m.exec(comment) ?? [];
  return example.replaceAll(/^ \* ?/gm, '');
}

/** What examples use besides what they are examples of. */
const surroundings = `
import { executeCodegen } from '@graphql-codegen/cli';
import { authTypeDefs } from '@sallyport/guards';
import { getTableColumns } from 'drizzle-orm';
import { getTableConfig, pgTable, uuid } from 'drizzle-orm/pg-core';
`;
const packages = ['@graphql-codegen', '@sallyport', '@types', 'drizzle-orm', 'graphql', 'tsx'];

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'sallyport-functions-'));
  await mkdir(join(project, 'node_modules'));
  await symlink(root, join(project, 'node_modules/sallyport'));
  for (const name of packages) {
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  const imports = examples.map(({ from, name }) => `import { ${name} } from '${from}';\n`);
  const blocks = examples.map(({ code }) => `console.log('---');\n{\n${code}}\n`);
  await writeFile(join(project, 'all.ts'), [surroundings, ...new Set(imports), ...blocks].join(''));
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noUnusedLocals: false },
    include: ['*.ts', join(root, 'src/**/*.d.ts')],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(settings));
});
afterAll(() => rm(project, { recursive: true }));

test.each(examples)('$name has an example', ({ code }) => {
  expect(code).toMatch(/console\.log/);
});

test('the examples have the types that they use', async () => {
  expect(await run(project, join(root, 'node_modules/.bin/tsc'), '--noEmit')).toBe('');
});

test('the examples print the output that is quoted behind each line', async () => {
  const printed = (await runSource(project, 'all.ts')).split('---\n').slice(1);
  expect(examples.map(({ name }, at) => [name, printed[at]?.trimEnd()])).toEqual(
    examples.map(({ name, code }) => [
      name,
      [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line).join('\n'),
    ]),
  );
});
