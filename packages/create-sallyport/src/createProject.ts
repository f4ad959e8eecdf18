import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const template = fileURLToPath(new URL('../template', import.meta.url));
// npm puts no file of these names into a package as it is.
const renamed: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  dockerignore: '.dockerignore',
  'package.template.json': 'package.json',
};

/**
 * Makes a project in a new or an empty folder. It gets the name of the folder, and nothing that is there is
 * overwritten.
 *
 * @throws an error with a message for whoever called it
 */
export async function createProject(folder: string): Promise<void> {
  const directory = resolve(folder);
  const name = basename(directory);
  if (!isPackageName(name)) {
    throw new Error(
      `${name} cannot be the name of a package: use small letters, digits, - and _, and begin with a letter or digit.`,
    );
  }
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).some((entry) => entry !== '.git')) {
    throw new Error(`${folder} is not empty. Name a new folder.`);
  }
  for (const file of await filesIn(template)) {
    const path = relative(template, file);
    const target = join(directory, dirname(path), renamed[basename(path)] ?? basename(path));
    const text = await readFile(file, 'utf8');
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text.replaceAll('{{name}}', name), { flag: 'wx' });
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

// The rules of npm for new names, without a scope: https://docs.npmjs.com/cli/v11/configuring-npm/package-json#name
function isPackageName(name: string): boolean {
  const taken = ['node_modules', 'favicon.ico', 'sallyport'];
  return /^[a-z0-9][a-z0-9._-]{0,213}$/.test(name) && !taken.includes(name);
}
