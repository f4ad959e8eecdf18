import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CodegenConfig, executeCodegen } from '@graphql-codegen/cli';
import { expect, test } from 'vitest';
import { preset } from '../src/codegen.ts';
import { root, run } from './checkout.ts';

const directives = `
  directive @auth on FIELD_DEFINITION | OBJECT | INTERFACE
  directive @fresh(maxAge: Int) on FIELD_DEFINITION | OBJECT | INTERFACE
  directive @verifiedEmail on FIELD_DEFINITION | OBJECT | INTERFACE
  directive @public on FIELD_DEFINITION
`;

const config = {
  contextType: './context.ts#Context',
  directiveContextTypes: [
    'auth#./context.ts#Authenticated',
    'fresh#./context.ts#Authenticated',
    'verifiedEmail#./context.ts#Verified',
  ],
  useTypeImports: true,
  importExtension: '.ts',
  addInterfaceFieldResolverTypes: true,
};

type Output = Exclude<CodegenConfig['generates'][string], unknown[]>;

async function generate(schema: string, output: Output = { preset, config }): Promise<string> {
  const { result, error } = await executeCodegen({
    schema,
    generates: { 'resolvers.ts': { plugins: ['typescript', 'typescript-resolvers'], ...output } },
    silent: true,
  });
  if (error) throw error;
  return result[0]?.content ?? '';
}

/** The type of the context that the resolver of each field gets, by coordinate. */
async function contextsOf(typeDefs: string): Promise<Record<string, string>> {
  const content = await generate(directives + typeDefs);
  const contexts: Record<string, string> = {};
  for (const [, type, fields = ''] of content.matchAll(/type (\w+)Resolvers<.*= \{\n([^}]*)\};/g)) {
    for (const [, field, context = ''] of fields.matchAll(/ (\w+)\?: .*, ParentType, (.*)>;/g)) {
      contexts[`${type}.${field}`] = context.replace('ContextType', '_');
    }
  }
  return contexts;
}

test('the fields of a guarded type have its context type, and the fields of other types do not', async () => {
  expect(
    await contextsOf(`
      type Invoice @auth { id: ID! title(short: Boolean!): String }
      type Shop { name: String owner: String @auth }
      type Query { shop: Shop @public }
    `),
  ).toEqual({
    'Invoice.id': 'Authenticated<_>',
    'Invoice.title': "Authenticated<_>, RequireFields<InvoiceTitleArgs, 'short'>",
    'Shop.name': '_',
    'Shop.owner': 'Authenticated<_>',
    'Query.shop': '_',
  });
});

test('a directive on an interface holds for its types, and a directive on its field for that field', async () => {
  expect(
    await contextsOf(`
      interface Named { name: String @auth }
      interface Owned @auth { owner: String }
      type Shop implements Named { name: String size: Int }
      type Invoice implements Owned { owner: String title: String }
      type Query { shop: Shop @public }
    `),
  ).toEqual({
    'Named.name': 'Authenticated<_>',
    'Owned.owner': 'Authenticated<_>',
    'Shop.name': 'Authenticated<_>',
    'Shop.size': '_',
    'Invoice.owner': 'Authenticated<_>',
    'Invoice.title': 'Authenticated<_>',
    'Query.shop': '_',
  });
});

test('an interface inherits from its interfaces', async () => {
  expect(
    await contextsOf(`
      interface Node { id: ID! @auth }
      interface Entry implements Node { id: ID! at: Int }
      interface Secret @verifiedEmail { id: ID! }
      type Post implements Node & Entry { id: ID! at: Int text: String }
      type Key implements Secret & Node { id: ID! }
      type Query { posts: [Post!] @public }
    `),
  ).toMatchObject({
    'Entry.id': 'Authenticated<_>',
    'Entry.at': '_',
    'Post.id': 'Authenticated<_>',
    'Post.at': '_',
    'Post.text': '_',
    'Key.id': 'Verified<Authenticated<_>>',
  });
});

test('a directive on an extension holds for all fields of the type', async () => {
  expect(
    await contextsOf(`
      type Invoice { id: ID! }
      extend type Invoice @auth
      extend type Invoice { title: String }
      type Query { invoices: [Invoice!] @public }
    `),
  ).toMatchObject({ 'Invoice.id': 'Authenticated<_>', 'Invoice.title': 'Authenticated<_>' });
});

test('several directives add each context once, in the order of the configuration', async () => {
  expect(
    await contextsOf(`
      type Account @fresh @auth { id: ID! @auth email: String @fresh(maxAge: 60) @verifiedEmail }
      type Letter @verifiedEmail { text: String @auth }
      type Query { account: Account @fresh @auth letter: Letter @verifiedEmail @auth }
    `),
  ).toEqual({
    'Account.id': 'Authenticated<_>',
    'Account.email': 'Verified<Authenticated<_>>',
    'Letter.text': 'Verified<Authenticated<_>>',
    'Query.account': 'Authenticated<_>',
    'Query.letter': 'Verified<Authenticated<_>>',
  });
});

test('generated code differs from the code without the preset in the context types alone', async () => {
  const typeDefs = `
    ${directives}
    "Has an id." interface Node @auth { "The id." id: ID! }
    enum Color { RED GREEN }
    input Filter { color: Color = RED }
    union Thing = Chair | Table
    scalar Date
    type Chair implements Node { id: ID! color: Color @deprecated(reason: "old") made: Date }
    type Table implements Node @fresh { id: ID! size: Float }
    type Query { things(filter: Filter, first: Int): [Thing!] @public }
    type Subscription { made(since: Date!): Thing @auth }
  `;
  const withoutContexts = (content: string) =>
    content.replaceAll('Authenticated<ContextType>', 'ContextType');
  // It needs to see the directives on which no context depends.
  const directiveResolverMappings = { public: '() => TResult' };
  const output = { config: { ...config, directiveResolverMappings } };
  const [narrowed, stock] = await Promise.all([
    generate(typeDefs, { ...output, preset }),
    generate(typeDefs, output),
  ]);
  expect(stock).toContain('things?: ResolverPublic<');
  expect(narrowed).not.toBe(stock);
  expect(withoutContexts(narrowed)).toBe(withoutContexts(stock));
});

test('a configuration without directiveContextTypes is refused', async () => {
  await expect(generate('type Query { a: Int }', { preset })).rejects.toThrow(
    'The config of resolvers.ts has no directiveContextTypes.',
  );
});

const usage = `
import type { Resolvers } from './resolvers.ts';

export const resolvers: Resolvers = {
  Invoice: { id: (_parent, _args, { user }) => user.id },
  Post: {
    id: (_parent, _args, { user }) => user.id,
    // @ts-expect-error: the interface guards the id only
    text: (_parent, _args, { user }) => user.id,
  },
  Key: { id: (_parent, _args, { user }) => user.id + user.email },
  Shop: {
    // @ts-expect-error: nothing guards a shop
    name: (_parent, _args, { user }) => user.id,
  },
  Query: {
    // @ts-expect-error: anyone may ask
    shop: (_parent, _args, { user }) => ({ name: user.id }),
  },
};
`;

const context = `
export interface Context { readonly user: { readonly id: string } | null }
export type Authenticated<T> = Omit<T, 'user'> & { readonly user: { readonly id: string } };
export type Verified<T> = T & { readonly user: { readonly id: string; readonly email: string } };
`;

test('the compiler knows the user where a type or an interface is guarded, and not elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-contexts-'));
  try {
    const resolvers = await generate(`
      ${directives}
      type Invoice @auth { id: ID! }
      interface Node { id: ID! @auth }
      interface Entry implements Node { id: ID! }
      type Post implements Entry & Node { id: ID! text: String }
      type Key implements Node @verifiedEmail { id: ID! }
      type Shop { name: String }
      type Query { shop: Shop @public }
    `);
    const tsconfig = JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { types: [] },
      include: ['*.ts'],
    });
    const files = {
      'resolvers.ts': resolvers,
      'context.ts': context,
      'usage.ts': usage,
      'tsconfig.json': tsconfig,
      'package.json': '{ "type": "module" }',
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    expect(await run(root, 'npx', 'tsc', '--project', folder)).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});
