import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { executeCodegen } from '@graphql-codegen/cli';
import { expect, test } from 'vitest';
import service from '../../sallyport.config.ts';
import * as accessMap from '../../src/accessMapPlugin.ts';
import { accessCommand } from '../../src/commands/access.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const generate = (...schema: string[]) =>
  executeCodegen({
    schema: [join(root, 'schema/*.graphql'), ...schema],
    generates: { 'access-map.md': { plugins: ['accessMap'] } },
    pluginLoader: async () => accessMap,
    silent: true,
  });

test('schema/access-map.md is the page that `sallyport access` prints', async () => {
  const printed: string[] = [];
  await accessCommand(
    (text) => printed.push(text),
    async () => service,
  ).parseAsync([], { from: 'user' });
  const { result } = await generate();
  expect(result.map(({ content }) => content)).toEqual(printed);
  expect(await readFile(join(root, 'schema/access-map.md'), 'utf8')).toBe(printed.join());
});

test('a schema that the server would refuse has no page, but an error with the reason', async () => {
  const { result, error } = await generate('type Query { reports: [String!] income: Int }');
  expect(result).toEqual([]);
  // The directives of the service's own guards stand among them.
  const directives = '@auth, @fresh, @admin,.* @optionalAuth or @public';
  expect(error?.message.split('\n')).toEqual(
    ['Query.reports', 'Query.income'].map((field) =>
      expect.stringMatching(`^${field} has no access directive: add ${directives}\\.$`),
    ),
  );
});

// The database plays no part in it.
test('opening a field makes the check fail', async () => {
  const project = await mkdtemp(join(tmpdir(), 'sallyport-access-map-'));
  try {
    for (const name of [
      'codegen',
      'codegen.yml',
      'package.json',
      'packages',
      'sallyport.config.ts',
      'schema',
      'src',
    ]) {
      await cp(join(root, name), join(project, name), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
    const users = join(project, 'schema/user.graphql');
    const written = await readFile(users, 'utf8');
    await writeFile(
      users,
      written.replace('deleteAccount: Boolean @fresh', 'deleteAccount: Boolean @auth'),
    );

    const args = ['run', '--silent', 'codegen', '--', '--check', '--silent'];
    const check = promisify(execFile)('npm', args, { cwd: project });
    const { code, stdout } = await check.catch((failure) => failure);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'The following stale files were detected:',
      '  - schema/access-map.md',
      '',
      '',
    ]);
  } finally {
    await rm(project, { recursive: true });
  }
});
