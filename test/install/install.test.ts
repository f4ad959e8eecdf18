import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { root, run } from '../support/checkout.ts';
import { compile, type Installed, install, sizeOf, versionsOf } from './installed.ts';
import { startInstalled } from './startInstalled.ts';

const directories: string[] = [];
const tarballs = inject('tarballs');
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

async function installHere(what: readonly string[], ...options: string[]): Promise<Installed> {
  const installed = await install(what, ...options);
  directories.push(installed.directory);
  return installed;
}

async function print(title: string, installed: Installed): Promise<void> {
  process.stdout.write(`${title}: ${await sizeOf(installed)}\n`);
}

const resolutions = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];
const nodeMajor = Number(process.versions.node.split('.')[0]);

describe.each(['sallyport', 'guards', 'client'] as const)('the tarball of %s', (name) => {
  test('has nothing that publint finds wrong', async () => {
    const said = await run(root, 'npx', 'publint', '--strict', tarballs[name]);
    expect(said).toContain('All good!');
  });

  test('has types that resolve wherever ES modules do', async () => {
    await run(root, 'npx', 'attw', '--profile', 'esm-only', tarballs[name]);
  });
});

// graphql 17 itself asks for Node 22: on Node 20, npm would refuse it with --engine-strict, whoever asks for it.
describe.each(['16.11.0', '16', '17'])('the engine alone, with graphql %s', (version) => {
  const strict = version !== '17' || nodeMajor >= 22 ? ['--engine-strict'] : [];
  let installed: Installed;
  beforeAll(async () => {
    installed = await installHere([tarballs.guards, `graphql@${version}`], ...strict);
    await print(`@sallyport/guards with graphql ${version}`, installed);
  });

  test('installs graphql-tools and jsonwebtoken, each package once, and runs no script', () => {
    expect(versionsOf(installed, 'graphql')).toHaveLength(1);
    expect(versionsOf(installed, 'graphql')[0]).toMatch(new RegExp(`^${version}(\\.|$)`));
    expect(versionsOf(installed, '@graphql-tools/utils')).toHaveLength(1);
    expect(versionsOf(installed, 'jose')).toEqual([]);
    expect(installed.packages.length).toBeLessThanOrEqual(22);
    expect(installed.packages.filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
  });

  test('guards a schema', async () => {
    await writeFile(join(installed.directory, 'program.mjs'), engineProgram);
    const printed = await run(installed.directory, process.execPath, 'program.mjs');
    expect(JSON.parse(printed)).toEqual({ time: 'noon', reasons: ['TOKEN_MISSING'], callers: 7 });
  });

  test('makes a gate, and loads the server modules without the servers', async () => {
    await writeFile(join(installed.directory, 'gate.mjs'), gateProgram);
    expect(await run(installed.directory, process.execPath, 'gate.mjs')).toBe(
      'authenticated function function function function\n',
    );
  });

  test.each(resolutions)(
    'has types without skipLibCheck, for $moduleResolution',
    async (options) => {
      const { directory } = installed;
      await run(directory, 'npm', 'install', '--no-audit', '--no-fund', '@types/node@20');
      expect(await compile(installed, engineTypes, options)).toBe('');
    },
  );
});

describe('the client alone', () => {
  let installed: Installed;
  beforeAll(async () => {
    installed = await installHere([tarballs.client], '--engine-strict');
    await print('@sallyport/client', installed);
  });

  test('installs no other package', () => {
    expect(installed.packages.filter(({ path }) => !path.endsWith('@sallyport/client'))).toEqual(
      [],
    );
  });

  test('exports the reasons', async () => {
    await writeFile(
      join(installed.directory, 'program.mjs'),
      "import { isAuthErrorReason } from '@sallyport/client'; console.log(isAuthErrorReason('TOKEN_EXPIRED'));",
    );
    expect(await run(installed.directory, process.execPath, 'program.mjs')).toBe('true\n');
  });
});

describe('the service alone', () => {
  let installed: Installed;
  beforeAll(async () => {
    const { sallyport, guards } = tarballs;
    installed = await installHere([sallyport, guards, 'graphql@16'], '--engine-strict');
    await print('sallyport', installed);
  });

  test('installs each package of graphql once, and no package for development', () => {
    for (const name of ['graphql', '@graphql-tools/utils', '@graphql-tools/schema', 'jose']) {
      expect(versionsOf(installed, name)).toHaveLength(1);
    }
    for (const name of ['tsx', 'typescript', 'vitest', 'esbuild']) {
      expect(versionsOf(installed, name)).toEqual([]);
    }
  });

  test('starts after npm ci --omit=dev, and exits with 0', async () => {
    await run(installed.directory, 'npm', 'ci', '--omit=dev', '--engine-strict', '--no-audit');
    expect(await startInstalled(installed.directory)).toEqual({ status: 200, exitCode: 0 });
  });

  test('has one engine, also under its own name', async () => {
    await writeFile(
      join(installed.directory, 'program.mjs'),
      `import * as guards from '@sallyport/guards'; import * as sallyport from 'sallyport';
import { preset } from 'sallyport/codegen';
console.log(Object.keys(guards).every((name) => guards[name] === sallyport[name]), typeof preset);`,
    );
    const printed = await run(installed.directory, process.execPath, 'program.mjs');
    expect(printed).toBe('true object\n');
  });
});

const engineProgram = `
import { anonymous, authGuards, authTypeDefs, guardSchema, proveAccess } from '@sallyport/guards';
import { buildSchema, graphql } from 'graphql';

const guards = authGuards({ freshSeconds: 300 });
const sdl = authTypeDefs + 'type Query { time: String @public salary: Int @auth }';
const schema = guardSchema(buildSchema(sdl), { guards });
const { data, errors } = await graphql({
  schema,
  source: '{ time salary }',
  rootValue: { time: 'noon', salary: 5 },
  contextValue: { authentication: anonymous },
});
const { callers } = await proveAccess(schema, { guards });
const reasons = errors.map(({ extensions }) => extensions.reason);
console.log(JSON.stringify({ time: data.time, reasons, callers }));
`;

const gateProgram = `
import { createGate } from '@sallyport/guards';

const gate = createGate({
  typeDefs: ['type Query { time: String @public }', 'type Query { me: String @auth }'],
  secret: 'at least 32 bytes, from the environment',
  loadUser: async () => ({ user: 'ada', isAdmin: false }),
});
const { status } = await gate.authenticate(['Bearer ' + gate.signAccess({ sub: '1', sid: 'a' })]);
const found = [];
for (const server of ['yoga', 'apollo', 'mercurius', 'graphql-ws']) {
  found.push(typeof (await import('@sallyport/guards/' + server)).useGate);
}
console.log(status, ...found);
`;

const engineTypes = `
import { authGuards, createGate, createKeyRing, createTokens, guardSchema, signedIn } from '@sallyport/guards';
import { preset } from '@sallyport/guards/codegen';
import { buildSchema, type GraphQLSchema } from 'graphql';

const verified = signedIn<{ verified: boolean }>(({ user }) => (user.verified ? null : null));
const guarded: GraphQLSchema = guardSchema(buildSchema('type Query { a: Int }'), {
  guards: { ...authGuards({ freshSeconds: 300 }), verified },
});
// @ts-expect-error: types are there, so this does not pass.
guardSchema(guarded, { guards: 'none' });
const { schema }: { schema: GraphQLSchema } = createGate({
  typeDefs: 'type Query { time: String @public }',
  secret: 'at least 32 bytes, from the environment',
  loadUser: async ({ sub }) => ({ user: { id: sub }, isAdmin: false }),
});
void [createKeyRing, createTokens, preset, schema];
`;
