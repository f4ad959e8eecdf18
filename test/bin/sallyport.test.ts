import { execFile } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyCheckout, root } from '../support/checkout.ts';
import { onPostgres } from '../support/database.ts';

async function help(checkout: string) {
  const program = promisify(execFile)(process.execPath, ['bin/sallyport.js', '--help'], {
    cwd: checkout,
  });
  const { code = 0, stdout, stderr } = await program.catch((error) => error);
  return { exitCode: code, stdout, stderr };
}

async function describeAs(checkout: string, description: string): Promise<void> {
  const file = join(checkout, 'src/main.ts');
  const source = await readFile(file, 'utf8');
  await writeFile(file, source.replace(/A GraphQL API server[^']*/, description));
}

// The database plays no part in it. One story on one copy, because each build takes seconds.
describe.skipIf(onPostgres)('the program, in a checkout', () => {
  let checkout: string;
  beforeAll(async () => {
    checkout = await copyCheckout();
  });
  afterAll(() => rm(checkout, { recursive: true }));

  test('is built when it was never built', async () => {
    await rm(join(checkout, 'dist'), { recursive: true, force: true });
    const { exitCode, stdout } = await help(checkout);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('A GraphQL API server whose security you read in its schema.');
  });

  test('is built again when its sources have changed', async () => {
    await describeAs(checkout, 'Changed since.');
    expect((await help(checkout)).stdout).toContain('Changed since.');
  });

  test('does not start with sources that do not compile, and prints the errors', async () => {
    await appendFile(join(checkout, 'src/main.ts'), "\nconst port: number = 'none';\nvoid port;\n");
    const { exitCode, stdout, stderr } = await help(checkout);
    expect([exitCode > 0, stdout]).toEqual([true, '']);
    expect(stderr).toContain("error TS2322: Type 'string' is not assignable to type 'number'.");
  });

  test('runs the last build where there is no compiler, and prints a notice', async () => {
    const modules = join(checkout, 'node_modules');
    await rm(modules);
    await mkdir(modules);
    for (const name of await readdir(join(root, 'node_modules'))) {
      if (name !== 'typescript')
        await symlink(join(root, 'node_modules', name), join(modules, name));
    }
    await describeAs(checkout, 'Changed again.');
    const { exitCode, stdout, stderr } = await help(checkout);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Changed since.');
    expect(stderr).toBe(
      'TypeScript is not installed here: what runs is dist/ as it was built last.\n',
    );
  });
});
