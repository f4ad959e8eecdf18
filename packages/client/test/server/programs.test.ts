import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../../../test/support/app.ts';
import { blocksOf } from '../../../../test/support/documentation.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const run = promisify(execFile);

let app: TestApp;
let project: string;
let programs: { readonly file: string; readonly page: string; readonly code: string }[];

beforeAll(async () => {
  app = await startApp({
    environment: { JWT_TOKEN_LOCATION: 'headers,cookies', JWT_ACCESS_COOKIE: 'true' },
  });
  const address = await app.http.listen({ host: '127.0.0.1', port: 0 });
  programs = blocksOf('program')
    .filter(({ code }) => code.includes("from '@sallyport/client"))
    .map(({ page, code }, number) => ({
      file: `program${number}.ts`,
      page,
      code: code.replaceAll('http://localhost:4000', address),
    }));
  project = await mkdtemp(join(tmpdir(), 'sallyport-client-'));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  for (const { file, code } of programs) await writeFile(join(project, file), code);
});
afterAll(async () => {
  await rm(project, { recursive: true });
  await app.close();
});

test.each([
  ['packages/client/README.md', 4],
  ['docs/clients.md', 6],
])(
  'each program of %s prints the output that is quoted behind its lines',
  async (page, count) => {
    const onPage = programs.filter((program) => program.page === page);
    expect(onPage).toHaveLength(count);
    for (const { file, code } of onPage) {
      const nodeOptions = ['--conditions=sallyport-source', '--import', 'tsx'];
      const { stdout } = await run(process.execPath, [...nodeOptions, file], { cwd: project });
      const announced = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(
        ([, said]) => said,
      );
      expect(stdout.trimEnd().split('\n')).toEqual(announced);
    }
  },
  120_000,
);

test('each program of docs/clients.md has above it the packages it needs, in the tested versions', async () => {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { devDependencies } = JSON.parse(manifest);
  for (const { heading, code } of blocksOf('ingredients')) {
    const installed = code.trim().split(' ').slice(2);
    const program = blocksOf('program').find((block) => block.heading === heading);
    const imports = program?.code.matchAll(/^import .* from '((?:@\w+\/)?[^/']+)/gm) ?? [];
    const imported = [...imports].map(([, name = '']) => name);
    expect(installed).toEqual(expect.arrayContaining(imported));
    // The package comes from here, and what a client wants beside it is installed with it.
    for (const name of imported.filter((each) => each !== '@sallyport/client')) {
      expect(Object.keys(devDependencies)).toContain(name);
    }
  }
});

test.each(['nodenext', 'bundler'])(
  'each program compiles with its types, with the module resolution %s',
  async (resolution) => {
    const configuration = {
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.iterable'],
        types: [],
        module: resolution === 'bundler' ? 'esnext' : resolution,
        moduleResolution: resolution,
        customConditions: ['sallyport-source'],
        allowImportingTsExtensions: true,
        skipLibCheck: true,
      },
      include: ['*.ts'],
    };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(configuration));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler], { cwd: project }).catch(
      (error) => error,
    );
    expect(stdout).toBe('');
  },
);
