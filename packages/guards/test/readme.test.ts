import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as engine from '../src/index.ts';
import * as issuers from '../src/issuers.ts';
import { root, run } from './checkout.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const index = ['index', 'issuers']
  .map((name) => readFileSync(new URL(`../src/${name}.ts`, import.meta.url), 'utf8'))
  .join('');

/** The programs of the README, each under the heading that it stands below. */
const programs = readme.split(/^## /m).flatMap((section) => {
  const [heading = ''] = section.split('\n');
  return [...section.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => ({ heading, code }));
});

const sources = ['--conditions=sallyport-source', '--import', 'tsx'];

/** What a program says that it prints, a line each. */
function announced(code: string): string[] {
  return [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, printed = '']) => printed,
  );
}

describe('every name that the engine exports', () => {
  const imports = /import \{([^}]*)\} from '@sallyport\/guards(?:\/issuers)?'/g;
  const imported = programs.flatMap(({ code }) =>
    [...code.matchAll(imports)].flatMap(([, names = '']) =>
      names.split(',').map((name) => name.replace('type ', '').trim()),
    ),
  );

  test.each(Object.keys({ ...engine, ...issuers }))('%s is in a program of the README', (name) => {
    expect(imported).toContain(name);
  });

  const types = [...index.matchAll(/\btype (\w+)/g)].map(([, name = '']) => name);
  test.each(types)('the type %s is in a program or in the text', (name) => {
    const spoken = readme.replaceAll(/```.*?```/gs, '').includes(`\`${name}\``);
    expect(spoken || imported.includes(name)).toBe(true);
  });
});

test('the table of contents names every section', () => {
  const headings = [...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  const contents = [...readme.matchAll(/^- \[(.*)\]\(#(.*)\)$/gm)];
  expect(contents.map(([, title]) => title)).toEqual(headings);
  for (const [, title = '', anchor] of contents) {
    expect(anchor).toBe(title.toLowerCase().replaceAll(' ', '-'));
  }
});

describe('the programs of the README', () => {
  let project: string;
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'sallyport-engine-'));
    await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
    const settings = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { paths: { sallyport: [join(root, '@sallyport/guards')] } },
      include: ['*.ts'],
    };
    await writeFile(join(project, 'package.json'), '{ "type": "module" }');
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(settings));
    for (const [number, { code }] of programs.entries()) {
      await writeFile(join(project, `program${number}.ts`), code);
    }
    const all = programs.map(
      (_, number) => `console.log('---');\nawait import('./program${number}.ts');\n`,
    );
    await writeFile(join(project, 'all.ts'), `${all.join('')}export {};\n`);
  });
  afterAll(() => rm(project, { recursive: true }));

  test('have the types that they use', async () => {
    expect(await run(project, join(root, 'node_modules/.bin/tsc'))).toBe('');
  });

  test('print the output that is quoted behind each line', async () => {
    const printed = (await run(project, process.execPath, ...sources, 'all.ts'))
      .split('---\n')
      .slice(1);
    expect(printed).toHaveLength(programs.length);
    for (const [number, { heading, code }] of programs.entries()) {
      const lines = printed[number]?.trimEnd().split('\n');
      expect({ heading, lines }).toEqual({ heading, lines: announced(code) });
    }
  });
});
