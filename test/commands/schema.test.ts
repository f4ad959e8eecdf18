import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authErrors } from '@sallyport/guards';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  Kind,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemaCommand } from '../../src/commands/schema.ts';
import { features } from '../../src/features.ts';
import { startApp } from '../support/app.ts';
import { copyCheckout, root, run, sourceArguments } from '../support/checkout.ts';
import { testService } from '../support/testService.ts';

/** Runs the command as a developer would, and returns what it printed. */
async function runSchema(...args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const command = schemaCommand(
    (text) => void printed.push(text),
    async () => testService,
  );
  await command.parseAsync(args, { from: 'user' });
  return printed.join('\n');
}

/** Every type and field that has directives, with what is written there. */
function directivesIn(sdl: string): string[] {
  return parse(sdl)
    .definitions.flatMap((node) =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION
        ? [node, ...(node.fields ?? [])].map(({ name, directives = [] }) => ({
            place: `${node.name.value}.${name.value}`,
            directives: directives.map((directive) => print(directive)),
          }))
        : [],
    )
    .filter(({ directives }) => directives.length > 0)
    .map(({ place, directives }) => [place, ...directives].join(' '))
    .toSorted();
}

const sorted = (sdl: string) => printSchema(lexicographicSortSchema(buildSchema(sdl)));

let printed: string;
let directory: string;
beforeAll(async () => {
  printed = await runSchema();
  directory = await mkdtemp(join(tmpdir(), 'sallyport-schema-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('`sallyport schema` prints the schema that introspection shows', async () => {
  const app = await startApp();
  try {
    const { data } = await app.ask(getIntrospectionQuery({ specifiedByUrl: true }));
    const introspected = lexicographicSortSchema(buildClientSchema(data));
    expect(sorted(printed)).toBe(printSchema(introspected));
    expect(introspected.getType('DateTime')).toMatchObject({
      description: expect.stringContaining('In JSON it is a string.'),
      specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
    });
  } finally {
    await app.close();
  }
});

test('the printed schema has each directive at its place, and the requirements in words', async () => {
  const names = [...features, ...testService.features].flatMap(({ schema }) => schema);
  const files = await Promise.all(names.map((name) => readFile(name, 'utf8')));
  const written = directivesIn(files.join('\n'));
  expect(written).toContain('Mutation.setUserAdmin @admin @fresh');
  expect(directivesIn(printed)).toEqual(written);
  const { description } = buildSchema(printed).getMutationType()?.getFields()['createItem'] ?? {};
  expect(description).toBe('Adds an item.\n\nRequires: a fresh token.');
});

test('--output writes the schema to a file, and prints nothing', async () => {
  const file = join(directory, 'schema.graphql');
  expect(await runSchema('--output', file)).toBe('');
  expect(await readFile(file, 'utf8')).toBe(`${printed}\n`);
});

test('--output fails where no file can be written', async () => {
  const file = join(directory, 'missing', 'schema.graphql');
  await expect(runSchema('--output', file)).rejects.toThrow('ENOENT');
});

/** What graphql-codegen writes with a configuration, in a project that has nothing but the printed schema. */
async function generate(configuration: string, file: string): Promise<string> {
  const project = await mkdtemp(join(directory, 'front-end-'));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await writeFile(join(project, 'codegen.yml'), configuration);
  await runSchema('--output', join(project, 'schema.graphql'));
  await run(project, 'npx', 'graphql-codegen', '--silent');
  return await readFile(join(project, file), 'utf8');
}

/** The values of the type that has the reasons of refusals, in what a generator wrote. */
function reasonsIn(types: string): string[] {
  const [, behind = ''] = types.split('export type AuthErrorReason =');
  const [union = ''] = behind.split('export type');
  return [...union.matchAll(/^ *\| '(\w+)'/gm)].map(([, value = '']) => value).toSorted();
}

test('graphql-codegen generates the reasons as a type, and DateTime as configured', async () => {
  const types = await generate(
    `schema: schema.graphql
generates:
  types.ts:
    plugins: [typescript]
    config: { scalars: { DateTime: string }, strictScalars: true, enumsAsTypes: true }
`,
    'types.ts',
  );
  expect(reasonsIn(types)).toEqual(Object.keys(authErrors).toSorted());
  expect(types).toMatch(/DateTime: \{ input: string; output: string; \}/);
});

test('graphql-codegen generates the reasons alone with the configuration in docs/clients.md', async () => {
  const page = await readFile(join(root, 'docs/clients.md'), 'utf8');
  const section = page.split('## Types for a front end\n')[1]?.split('\n## ')[0] ?? '';
  const [, configuration = ''] = /```yaml\n([^`]*)```/.exec(section) ?? [];
  const types = await generate(configuration, 'reasons.ts');
  expect(reasonsIn(types)).toEqual(Object.keys(authErrors).toSorted());
  expect(types).not.toContain('TokenPair');
});

// The database plays no part in it.
test('files that each define Query and Mutation are the same API', async () => {
  const project = await copyCheckout();
  try {
    const runCommand = () =>
      run(project, process.execPath, ...sourceArguments, 'src/main.ts', 'schema');
    const before = await runCommand();
    for (const name of await readdir(join(project, 'schema'))) {
      const file = join(project, 'schema', name);
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replaceAll(/^extend type (Query|Mutation)/gm, 'type $1'));
    }
    expect(await runCommand()).toBe(before);
  } finally {
    await rm(project, { recursive: true });
  }
});
