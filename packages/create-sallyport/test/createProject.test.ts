import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProject } from '../src/createProject.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'create-sallyport-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a new folder gets the project, with the name of the folder', async () => {
  const folder = join(directory, 'deep/my-api');
  await createProject(folder);
  expect((await readdir(folder)).toSorted()).toEqual(
    [
      '.dockerignore',
      '.gitignore',
      '.graphqlrc.yml',
      'Dockerfile',
      'README.md',
      'codegen.yml',
      'drizzle',
      'drizzle.config.ts',
      'package.json',
      'sallyport.config.ts',
      'schema',
      'src',
      'test',
      'tsconfig.build.json',
      'tsconfig.json',
    ].toSorted(),
  );
  const { name, scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  expect(name).toBe('my-api');
  for (const script of ['start', 'dev', 'test', 'check', 'generate']) {
    expect(scripts).toHaveProperty(script);
  }
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toMatch(/^# my-api\n/);
});

test('a folder that contains only the files of a new repository is accepted', async () => {
  await mkdir(join(directory, 'my-api/.git'), { recursive: true });
  await createProject(join(directory, 'my-api'));
  expect(await readdir(join(directory, 'my-api'))).toContain('package.json');
});

test('a folder with other files is refused, and stays as it is', async () => {
  await mkdir(join(directory, 'my-api'));
  await writeFile(join(directory, 'my-api/notes.txt'), 'mine');
  const folder = join(directory, 'my-api');
  await expect(createProject(folder)).rejects.toThrow(`${folder} is not empty. Name a new folder.`);
  expect(await readdir(folder)).toEqual(['notes.txt']);
});

test.each(['My-Api', '.hidden', '-dash', 'über', 'node_modules', 'sallyport', 'a'.repeat(215)])(
  'a folder named %s is refused, because no package can have the name',
  async (name) => {
    await expect(createProject(join(directory, name))).rejects.toThrow('name of a package');
    expect(await readdir(directory)).toEqual([]);
  },
);

test('the project depends on the packages of the server, in the same ranges', async () => {
  const read = async (file: string) =>
    JSON.parse(await readFile(new URL(file, import.meta.url), 'utf8'));
  const template = await read('../template/package.template.json');
  const server = await read('../../../package.json');
  expect(template.dependencies).toEqual({
    'drizzle-orm': server.dependencies['drizzle-orm'],
    graphql: server.peerDependencies.graphql,
    sallyport: `^${server.version}`,
  });
  expect(template.engines).toEqual(server.engines);
});
