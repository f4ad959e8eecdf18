import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as codegen from '../src/codegen.ts';
import * as engine from '../src/index.ts';
import { root, run } from './checkout.ts';

const index = readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8');

/** Each function and class that the engine exports, with the example of its doc comment. */
const examples = [...index.matchAll(/export \{([^}]*)\} from '(.*)'/g)]
  .flatMap(([, names = '', path = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => typeof Object(engine)[name] === 'function')
      .map((name) => ({ name, path })),
  )
  .concat(Object.keys(codegen).map((name) => ({ name, path: './codegen.ts' })))
  .map(({ name, path }) => {
    const source = readFileSync(new URL(join('../src', path), import.meta.url), 'utf8');
    return { name, code: exampleOf(name, source) };
  });

function exampleOf(name: string, source: string): string {
  const [before = ''] = source.split(
    new RegExp(`^export (?:async )?(?:function|class|const) ${name}\\b`, 'm'),
  );
  const comment = before.slice(before.lastIndexOf('/**'));
  const [, example = ''] = /^ \* @example\n((?: \*.*\n)*?) \*\/\n$/m.exec(comment) ?? [];
  return example.replaceAll(/^ \* ?/gm, '');
}

/** What an example has around it: a server with its schema, its guards, its keys, and an operation that it is sent. */
const surroundings = `
import { makeExecutableSchema } from '@graphql-tools/schema';
import { getOperationAST, graphql, GraphQLError, parse } from 'graphql';
import { ${Object.keys(engine).join(', ')} } from '@sallyport/guards';
import { ${Object.keys(codegen).join(', ')} } from '@sallyport/guards/codegen';
import { executeCodegen } from '@graphql-codegen/cli';
const guards = authGuards({ freshSeconds: 300 });
const sdl = 'type Query { me: String @auth } type Mutation { remove: Boolean @admin }';
const schema = guardSchema(makeExecutableSchema({ typeDefs: [authTypeDefs, sdl] }), { guards });
const tokens = createTokens({
  keys: createKeyRing({ secret: 'at least 32 bytes, from the environment' }),
  issuer: 'shop',
  audience: 'shop',
  lifeSeconds: { access: 900, refresh: 1_209_600 },
  leewaySeconds: 10,
});
const document = parse('mutation { remove }');
const operation = getOperationAST(document);
if (!operation) throw new Error('There is an operation.');
`;

test.each(examples)('$name has an example', ({ code }) => {
  expect(code).toMatch(/\S/);
});

describe('the examples', () => {
  let project: string;
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'sallyport-examples-'));
    await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
    const settings = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noUnusedLocals: false },
      include: ['*.ts'],
    };
    await writeFile(join(project, 'package.json'), '{ "type": "module" }');
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(settings));
    const blocks = examples.map(({ code }) => `console.log('---');\n{\n${code}}\n`);
    await writeFile(join(project, 'all.ts'), `${surroundings}${blocks.join('')}`);
  });
  afterAll(() => rm(project, { recursive: true }));

  test('have the types that they use', async () => {
    expect(await run(project, join(root, 'node_modules/.bin/tsc'))).toBe('');
  });

  test('print the output that is quoted behind each line', async () => {
    const sources = ['--conditions=sallyport-source', '--import', 'tsx'];
    const printed = await run(project, process.execPath, ...sources, 'all.ts');
    const lines = printed
      .split('---\n')
      .slice(1)
      .map((text) => text.trimEnd());
    const said = examples.map(({ code }) =>
      [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line).join('\n'),
    );
    expect(examples.map(({ name }, number) => [name, lines[number]])).toEqual(
      examples.map(({ name }, number) => [name, said[number]]),
    );
  });
});
