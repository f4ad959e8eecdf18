import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../../../test/support/app.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const run = promisify(execFile);

let app: TestApp;
let project: string;
let programs: { readonly file: string; readonly code: string }[];

beforeAll(async () => {
  app = await startApp();
  const address = await app.http.listen({ host: '127.0.0.1', port: 0 });
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  programs = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ''], number) => ({
    file: `program${number}.ts`,
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

test('each program of the README prints what stands behind its lines', async () => {
  expect(programs).toHaveLength(4);
  for (const { file, code } of programs) {
    const nodeOptions = ['--conditions=sallyport-source', '--import', 'tsx'];
    const { stdout } = await run(process.execPath, [...nodeOptions, file], { cwd: project });
    const announced = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(
      ([, said]) => said,
    );
    expect(stdout.trimEnd().split('\n')).toEqual(announced);
  }
}, 120_000);

test.each(['nodenext', 'bundler'])(
  'each has the types that it says, with the resolution %s',
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
