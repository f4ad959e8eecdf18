import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ASTNode, buildSchema, Kind, parse, print, visit } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { login, register, succeeded } from '../support/account.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { root } from '../support/checkout.ts';
import { blocksOf, pages, rowsOf } from '../support/documentation.ts';

// With the items of the suite, in place of those of the service, which somebody may have changed or deleted.
const schemaFiles = readdirSync(join(root, 'schema'))
  .filter((name) => name.endsWith('.graphql') && name !== 'item.graphql')
  .map((name) => join('schema', name));
const sdl = [...schemaFiles, 'test/support/items/items.graphql']
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

describe('the schema that README.md shows', () => {
  const [shown] = blocksOf('picture');

  test('has each of its fields from schema/', () => {
    const schema = buildSchema(sdl);
    for (const type of parse(shown?.code ?? '').definitions) {
      if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) throw new TypeError('Expected types.');
      for (const field of type.fields ?? []) {
        const real = fieldOf(schema.getType(type.name.value), field.name.value);
        expect(print(field)).toBe(real && print(withoutDescriptions(real)));
      }
    }
  });
});

function fieldOf(type: ReturnType<ReturnType<typeof buildSchema>['getType']>, name: string) {
  return type && 'getFields' in type ? type.getFields()[name]?.astNode : undefined;
}

function withoutDescriptions<Node extends ASTNode>(node: Node): Node {
  return visit(node, {
    enter: (inner) => ('description' in inner ? { ...inner, description: undefined } : undefined),
  });
}

const operations: Record<string, string> = {
  '`serverTime`': '{ serverTime }',
  '`name` of each of the `items`': '{ items { edges { node { name } } } }',
  '`price` of each of the `items`': '{ items { edges { node { price } } } }',
  '`me`': '{ me { username } }',
  '`createItem`': 'mutation { createItem(name: "table", price: 9) { name } }',
  '`deleteItem`': 'mutation { deleteItem(name: "chair") }',
};

describe('the answers that README.md shows', () => {
  let app: TestApp;
  let tokens: (string | null)[];
  beforeAll(async () => {
    app = await startApp();
    const [user, admin] = [await register(app), await register(app, { admin: true })];
    const create = 'mutation { createItem(name: "chair", price: 4.5) { name } }';
    succeeded(await app.ask(create, { token: user.accessToken }));
    app.clock.advance(400);
    const { accessToken: fresh } = await login(app, user.username);
    tokens = [null, user.accessToken, fresh, admin.accessToken];
  });
  afterAll(() => app.close());

  const rows = rowsOf((pages.get('README.md') ?? '').split('\n## ')[0] ?? '');

  test('are the answers of every field in it', () => {
    expect(rows.map(([label]) => label)).toEqual(Object.keys(operations));
  });

  test.each(rows)(
    '%s: nobody %s, a user %s, a fresh one %s, an administrator %s',
    async (...row) => {
      const [label = '', ...cells] = row;
      for (const [index, cell] of cells.entries()) {
        const token = tokens[index];
        const { errors } = await app.ask(operations[label] ?? '', token ? { token } : {});
        const reason = /^`([A-Z_]+)`$/.exec(cell)?.[1];
        expect(errors.map(({ extensions }) => extensions?.['reason'])).toEqual(
          reason ? [reason] : [],
        );
      }
    },
  );
});
