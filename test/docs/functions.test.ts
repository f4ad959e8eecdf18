import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as engine from '../../packages/guards/src/index.ts';
import * as service from '../../src/index.ts';
import { root, run, runSource } from '../support/checkout.ts';

const index = readFileSync(join(root, 'src/index.ts'), 'utf8');

/**
 * Each function and class that `sallyport` exports besides those of the engine, with the example of its doc comment.
 */
const examples = [...index.matchAll(/export \{([^}]*)\} from '(\.[^']*)'/g)].flatMap(
  ([, names = '', path = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => typeof Object(service)[name] === 'function' && !(name in engine))
      .map((name) => ({ name, code: exampleOf(name, path) })),
);

function exampleOf(name: string, path: string): string {
  const source = readFileSync(join(root, 'src', path), 'utf8');
  const [before = ''] = source.split(
    new RegExp(`^export (?:async )?(?:function|class) ${name}\\b`, 'm'),
  );
  const comment = before.slice(before.lastIndexOf('/**'));
  const [, example = ''] = /^ \* @example\n((?: \*.*\n)*?) \*\/\n$/m.exec(comment) ?? [];
  return example.replaceAll(/^ \* ?/gm, '');
}

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'sallyport-functions-'));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  const names = examples.map(({ name }) => name).join(', ');
  const blocks = examples.map(({ code }) => `console.log('---');\n{\n${code}}\n`);
  const program = `import { ${names} } from '${relative(project, join(root, 'src/index.ts'))}';\n${blocks.join('')}`;
  await writeFile(join(project, 'all.ts'), program);
  const settings = {
    extends: join(root, 'tsconfig.json'),
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

test('the examples print what stands behind each line', async () => {
  const printed = (await runSource(project, 'all.ts')).split('---\n').slice(1);
  expect(examples.map(({ name }, at) => [name, printed[at]?.trimEnd()])).toEqual(
    examples.map(({ name, code }) => [
      name,
      [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line).join('\n'),
    ]),
  );
});
