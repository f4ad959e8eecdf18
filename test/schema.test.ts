import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  type DefinitionNode,
  Kind,
  lexicographicSortSchema,
  parse,
  printSchema,
  validateSchema,
} from 'graphql';
import { loadConfig } from 'graphql-config';
import { expect, test } from 'vitest';
import { root } from './support/checkout.ts';

const directory = join(root, 'schema');
const files = readdirSync(directory)
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => ({ name, text: readFileSync(join(directory, name), 'utf8') }));
const joined = files.map(({ text }) => text).join('\n');

const filesWith = (kind: DefinitionNode['kind'], typeName: string) =>
  files
    .filter(({ text }) =>
      parse(text).definitions.some(
        (node) => node.kind === kind && 'name' in node && node.name?.value === typeName,
      ),
    )
    .map(({ name }) => name);

test('the files of schema/, one after the other, are one schema', () => {
  const schema = buildSchema(joined);
  expect(validateSchema(schema)).toEqual([]);
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toContain('me');
});

test.each(['Query', 'Mutation'])('one file defines %s, and the others extend it', (typeName) => {
  expect(filesWith(Kind.OBJECT_TYPE_DEFINITION, typeName)).toEqual(['session.graphql']);
  const extending = filesWith(Kind.OBJECT_TYPE_EXTENSION, typeName);
  expect(extending).toEqual(expect.arrayContaining(['apiToken.graphql', 'user.graphql']));
  expect(extending).not.toContain('session.graphql');
});

test('.graphqlrc.yml names all files of the schema for editors and linters', async () => {
  const config = await loadConfig({ rootDir: root });
  expect(config?.filepath).toBe(join(root, '.graphqlrc.yml'));
  const found = await config?.getDefault().getSchema();
  const written = lexicographicSortSchema(buildSchema(joined));
  expect(found && printSchema(lexicographicSortSchema(found))).toBe(printSchema(written));
});
