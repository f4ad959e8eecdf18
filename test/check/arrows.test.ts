import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/checkout.ts';

const engine = 'packages/guards/src';
const judges = 'What judges in the engine imports graphql and graphql-tools';

type Import = readonly [file: string, imported: string, message?: string];

/** A file, what it imports although it may not, and how the refusal begins. */
const forbidden: readonly Import[] = [
  [`${engine}/guards.ts`, '../../../src/errors.ts', judges],
  [`${engine}/guards.ts`, 'node:crypto', judges],
  [`${engine}/requirements.ts`, './tokens.ts', judges],
  [`${engine}/operationAccess.ts`, 'jsonwebtoken', judges],
  [`${engine}/map/explain.ts`, '../authenticate.ts', judges],
  [`${engine}/errors.ts`, 'node:fs', judges],
  [`${engine}/tokens.ts`, '../../../src/errors.ts', 'What knows tokens in the engine'],
  [`${engine}/keys.ts`, 'node:fs', 'What knows tokens in the engine'],
  [`${engine}/judge.ts`, './gate/createGate.ts', judges],
  [`${engine}/gate/admit.ts`, 'graphql-yoga', 'The gate of the engine'],
  [`${engine}/gate/admit.ts`, '../servers/yoga.ts', 'The gate of the engine'],
  [`${engine}/servers/yoga.ts`, 'node:http', 'What fits the gate to a server'],
  [`${engine}/servers/yoga.ts`, '../../../../src/errors.ts', 'What fits the gate to a server'],
  [`${engine}/index.ts`, '../../client/src/index.ts', 'The index of a package'],
  [`${engine}/index.ts`, './issuers/trustIssuers.ts', 'The index of a package'],
  [`${engine}/authenticate.ts`, './issuers.ts', 'What knows tokens in the engine'],
  [`${engine}/guards.ts`, 'jose', judges],
  [`${engine}/map/explain.ts`, '../issuers/issuerKeys.ts', judges],
  [`${engine}/issuers/issuerKeys.ts`, 'node:http', 'What knows other issuers'],
  [`${engine}/issuers/issuerKeys.ts`, '../../../../src/errors.ts', 'What knows other issuers'],
  ['packages/client/src/errors.ts', '@sallyport/guards', 'The client imports nothing'],
  ['packages/client/src/urql.ts', '../../../src/errors.ts', 'The client imports nothing'],
  ['packages/graphiql/src/desk.ts', '../../../src/errors.ts', 'The explorer imports'],
  ['packages/graphiql/src/desk.ts', '@sallyport/guards', 'The explorer imports'],
  ['packages/graphiql/src/desk.ts', 'node:fs', 'The explorer imports'],
  ['packages/guards/examples/shop.ts', '../src/guards.ts', 'An example has'],
  ['src/config/config.ts', '../user/password.ts', 'The settings import input'],
  ['src/database/database.ts', '../session/table.ts', 'The database imports nothing of ours'],
  ['src/input/text.ts', '../user/user.ts', 'Input imports the errors'],
  ['src/documents/documentLimits.ts', '../session/session.ts', 'The limits of documents'],
  ['src/server/httpServer.ts', '../session/session.ts', 'The HTTP server'],
  ['src/commands/user.ts', '../app.ts', 'A command is called by main.ts'],
  ['src/commands/user.ts', '../user/resolvers.ts', 'A command is called by main.ts'],
  ['src/apiToken/apiToken.ts', '../session/session.ts', 'The feature apiToken imports'],
  ['src/throttle/throttle.ts', '../item/item.ts', 'The feature throttle imports'],
  ['src/user/user.ts', '../item/item.ts', 'The feature user imports'],
  ['src/user/user.ts', '../session/resolvers.ts', 'The feature user imports'],
  ['src/user/user.ts', '../session/session.ts', 'The feature user imports'],
  ['src/user/user.ts', '../account/changePassword.ts', 'The feature user imports'],
  ['src/user/resolvers.ts', '../session/session.ts', 'The resolvers of session and user'],
  ['src/user/resolvers.ts', '../session/resolvers.ts', 'The resolvers of session and user'],
  ['src/user/user.ts', '../schema.ts', 'The feature user imports'],
  ['src/session/session.ts', '../item/item.ts', 'The feature session imports'],
  ['src/session/session.ts', '../user/resolvers.ts', 'The feature session imports'],
  ['src/session/session.ts', '../apiToken/apiToken.ts', 'The feature session imports'],
  ['src/session/session.ts', '../account/setUserActive.ts', 'The feature session imports'],
  ['src/apiToken/apiToken.ts', '../account/deleteAccount.ts', 'The feature apiToken imports'],
  ['src/account/register.ts', '../user/resolvers.ts', 'What is done to accounts'],
  ['src/account/register.ts', '../item/item.ts', 'What is done to accounts'],
  ['src/account/register.ts', '../app.ts', 'What is done to accounts'],
  ['src/audit/audit.ts', '../session/session.ts', 'A feature imports'],
  ['src/item/item.ts', '../throttle/throttle.ts', 'A feature imports'],
  ['src/item/item.ts', '../user/resolvers.ts', 'A feature imports'],
  ['src/madeToday/madeToday.ts', '../session/session.ts', 'A feature imports'],
  ['src/context.ts', './main.ts', 'Only serve.ts builds the app'],
  ['src/context.ts', './serve.ts', 'Only serve.ts builds the app'],
  ['src/schema.ts', './app.ts', 'Only serve.ts builds the app'],
  ['codegen/accessMap.ts', '../src/schema.ts', 'What is generated depends'],
  ['test/item/items.test.ts', '../user/users.test.ts', 'No test imports another test'],
  ['packages/guards/test/a.test.ts', './b.test.ts', 'No test imports another test'],
];

/** What the same files do import, or may. */
const allowed: readonly Import[] = [
  [`${engine}/guards.ts`, 'graphql'],
  [`${engine}/map/explain.ts`, '../guards.ts'],
  [`${engine}/tokens.ts`, 'jsonwebtoken'],
  [`${engine}/issuers/issuerKeys.ts`, 'jose'],
  [`${engine}/issuers/trustIssuers.ts`, '../foreignTokens.ts'],
  [`${engine}/gate/admit.ts`, '../tokens.ts'],
  [`${engine}/servers/yoga.ts`, '../gate/admit.ts'],
  ['packages/client/src/errors.ts', './authErrorCodes.ts'],
  ['packages/graphiql/src/desk.ts', '@sallyport/guards/judge'],
  ['src/config/config.ts', '../input/username.ts'],
  ['src/commands/user.ts', '../user/user.ts'],
  ['src/user/resolvers.ts', '../account/changePassword.ts'],
  ['src/account/changePassword.ts', '../session/session.ts'],
  ['src/session/session.ts', '../user/table.ts'],
  ['src/madeToday/madeToday.ts', '../user/table.ts'],
  ['src/main.ts', './serve.ts'],
  ['src/serve.ts', './app.ts'],
  ['codegen/accessMap.ts', '../src/guards.ts'],
  ['test/item/items.test.ts', '../support/app.ts'],
];

const importOf = (imported: string) => `import * as planted from '${imported}';\n\nvoid planted;\n`;
const lines = (count: number) => 'void 0;\n'.repeat(count);
const transaction =
  'export const planted = ({ database }, options) => database.transaction(async () => {}, options);\n';

let directory: string;
let copies = 0;

interface Finding {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string };
}

/** Lints files alone, in a copy of the settings, and returns what the check finds. */
async function lint(files: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const copy = join(directory, String(copies++));
  for (const name of ['biome.json', 'biome', '.gitignore']) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(copy, name)), { recursive: true });
    await writeFile(join(copy, name), content);
  }
  const biome = join(root, 'node_modules/.bin/biome');
  const parts = ['--formatter-enabled=false', '--assist-enabled=false'];
  const printing = ['--reporter=json', '--colors=off', '--max-diagnostics=none'];
  const { stdout } = await promisify(execFile)(biome, ['ci', ...parts, ...printing, '.'], {
    cwd: copy,
  }).catch((error) => error);
  return JSON.parse(stdout).diagnostics;
}

/** Lints each file with its one import, as many at once as are different files. */
async function lintImports(imports: readonly Import[]): Promise<Map<Import, readonly string[]>> {
  const found = new Map<Import, readonly string[]>();
  let left = imports;
  while (left.length > 0) {
    const round = new Map(left.map((one) => [one[0], one]).toReversed() as [string, Import][]);
    const files = [...round.values()].map(([file, imported]) => [file, importOf(imported)]);
    const findings = await lint(Object.fromEntries(files));
    for (const one of round.values()) {
      const here = findings.filter(
        ({ category, location }) =>
          location.path === one[0] && category === 'lint/style/noRestrictedImports',
      );
      found.set(
        one,
        here.map(({ message }) => message),
      );
    }
    left = left.filter((one) => !found.has(one));
  }
  return found;
}

describe('the check', () => {
  let findings: Map<Import, readonly string[]>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sallyport-arrows-'));
    findings = await lintImports([...forbidden, ...allowed]);
  });
  afterAll(() => rm(directory, { recursive: true }));

  test.each(forbidden.map((one) => [...one, one] as const))(
    'refuses in %s an import of %s',
    (_file, _imported, message, one) => {
      expect(findings.get(one)).toEqual([expect.stringContaining(String(message))]);
    },
  );

  test.each(allowed.map((one) => [one[0], one[1], one] as const))(
    'lets %s import %s',
    (_file, _imported, one) => {
      expect(findings.get(one)).toEqual([]);
    },
  );

  test('refuses a circle of imports', async () => {
    const said = await lint({
      'src/item/item.ts': "import { b } from './price.ts';\n\nexport const a = () => b;\n",
      'src/item/price.ts': "import { a } from './item.ts';\n\nexport const b = () => a;\n",
    });
    expect(said).toHaveLength(2);
    for (const { category } of said) expect(category).toBe('lint/suspicious/noImportCycles');
  });

  test('refuses a file of more than 300 lines', async () => {
    const said = await lint({ 'src/item/item.ts': lines(301) });
    expect(said.map(({ category }) => category)).toEqual(['lint/style/noExcessiveLinesPerFile']);
    expect(await lint({ 'src/item/item.ts': lines(300) })).toEqual([]);
  });

  test.each([
    'src/item/item.ts',
    'src/context.ts',
    'src/madeToday/resolvers.ts',
    'src/user/user.ts',
    'src/apiToken/createApiToken.ts',
    'src/commands/user.ts',
  ])('refuses a transaction in %s', async (file) => {
    const said = await lint({ [file]: transaction });
    expect(said.map(({ message }) => message)).toEqual([
      'Only account and session open transactions: call what they export.',
    ]);
  });

  test.each(['src/account/deleteAccount.ts', 'src/session/session.ts'])(
    'lets %s open transactions',
    async (file) => {
      expect(await lint({ [file]: transaction })).toEqual([]);
    },
  );
});
