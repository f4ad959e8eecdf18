import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyCheckout, root, run } from './support/checkout.ts';
import { onPostgres } from './support/database.ts';

// What a reader does with the section, to a copy of the project. The database plays no part in it.
describe.skipIf(onPostgres)('the guard of "A guard of your own"', () => {
  let project: string;
  let tried: Record<string, unknown>;

  beforeAll(async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const section = readme.split('## A guard of your own\n')[1]?.split('\n## ')[0] ?? '';
    const blocks = [...section.matchAll(/```\w+\n([^`]*)```/g)].map(([, block = '']) => block);
    const [directive = '', guards = '', contextType = '', field = ''] = blocks;
    project = await copyCheckout();
    const file = (name: string) => join(project, name);
    const replace = async (name: string, found: RegExp, replacement: string) => {
      const text = await readFile(file(name), 'utf8');
      await writeFile(file(name), text.replace(found, replacement));
    };
    await appendFile(file('schema/auth.graphql'), directive);
    await writeFile(file('src/guards.ts'), guards);
    await replace(
      'codegen.yml',
      /(?<=directiveContextTypes:\n)( *)/,
      `$1${contextType.trim()}\n$1`,
    );
    await replace('schema/item.graphql', /createItem\([^)]*\).*/, field.trim());
    await replace('schema/item.graphql', /price: Float @auth/, 'price: Float @named');

    await run(project, 'npx', 'graphql-codegen');
    await run(project, 'npx', 'tsc', '--project', 'tsconfig.build.json', '--noEmit');
    await writeFile(file('try.ts'), tryOut);
    const printed = await run(project, 'npx', 'tsx', 'try.ts');
    tried = JSON.parse(printed.trim().split('\n').at(-1) ?? '');
  }, 90_000);
  afterAll(() => rm(project, { recursive: true }));

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

const tryOut = `
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createApp } from './src/app.ts';
import { callers, guardSchema, proveAccess } from './src/auth/index.ts';
import { loadConfig } from './src/config.ts';
import { openDatabase } from './src/database.ts';
import { createGuards } from './src/guards.ts';
import { createSchema } from './src/schema.ts';

const secretKey = 'a test server signs with this secret key, and no other does';
const config = loadConfig({ JWT_SECRET_KEY: secretKey, DATA_DIR: 'memory:', LOG_LEVEL: 'silent' });
const { database } = await openDatabase(config, () => {});
const app = await createApp({ config, secretKey, database });
const ask = async (query: string, token?: string) => {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: {
      accept: 'application/graphql-response+json',
      ...(token && { authorization: 'Bearer ' + token }),
    },
    payload: { query },
  });
  const challenge = response.headers['www-authenticate'];
  return { status: response.statusCode, challenge, body: response.json() };
};
const register = async (fields: string) => {
  const { body } = await ask(
    'mutation { register(password: "correct horse battery", ' + fields + ') { accessToken } }',
  );
  return body.data.register.accessToken;
};
const nameless = await register('username: "eve"');
const named = await register('username: "ada", fullName: "Ada Lovelace"');
const create = 'mutation { createItem(name: "chair", price: 4.5) { name } }';
const answers = {
  nameless: await ask(create, nameless),
  named: await ask(create, named),
  deeper: await ask('{ items { edges { node { name price } } } }', nameless),
};

const guards = createGuards({ freshSeconds: 300 });
const as = (fullName: string | null) => ({ ...callers.user, user: { fullName } });
const { operations } = await proveAccess(createSchema(guards), {
  guards,
  callers: { named: as('Ada Lovelace'), nameless: as(null) },
});
let problem = null;
try {
  const typeDefs = 'directive @named on FIELD_DEFINITION type Query { open: Int @named naked: Int }';
  guardSchema(makeExecutableSchema({ typeDefs }), { guards });
} catch (error) {
  problem = error.message;
}
console.log(JSON.stringify({ ...answers, operations, problem }));
process.exit(0);
`;
