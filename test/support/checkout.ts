import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const folders = ['bin', 'codegen', 'drizzle', 'packages', 'schema', 'src'];
const files = [
  'LICENSE',
  'README.md',
  'codegen.yml',
  'drizzle.config.ts',
  'drizzle.own.config.ts',
  'package.json',
  'sallyport.config.ts',
];
const settings = ['tsconfig.json', 'tsconfig.build.json', 'tsconfig.own.json'];

/** Copies what the project is made of, but for its tests, to a directory that a test can change and then removes. */
export async function copyCheckout(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-checkout-'));
  for (const name of [...folders, ...files, ...settings]) {
    await cp(join(root, name), join(directory, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

const generatedFolders = ['.git', 'node_modules', 'dist', 'data'];

/** Copies all of the project, as a clone has it, to a directory that a test can change and then removes. */
export async function copyClone(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-clone-'));
  await cp(root, directory, {
    recursive: true,
    filter: (path) => !generatedFolders.includes(basename(path)),
  });
  // What npm could not put at the root, it put beside the package that needs it.
  const parents = ['.', ...(await packagesIn('packages')), ...(await packagesIn('examples'))];
  for (const parent of parents) {
    const installed = join(root, parent, 'node_modules');
    if (existsSync(installed)) await symlink(installed, join(directory, parent, 'node_modules'));
  }
  return directory;
}

async function packagesIn(folder: string): Promise<string[]> {
  return (await readdir(join(root, folder))).map((name) => join(folder, name));
}

/** Runs a TypeScript program with the sources of the packages, as `npm run dev` does, and returns what it printed. */
export async function runSource(cwd: string, program: string): Promise<string> {
  return await run(cwd, process.execPath, ...sourceArguments, program);
}

/** What Node needs to run sources. */
export const sourceArguments = ['--conditions=sallyport-source', '--import', 'tsx'] as const;

/** Runs a command to its end, and returns what it printed; when it fails, that is in the error. */
export async function run(
  cwd: string,
  command: string,
  ...args: readonly string[]
): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed: ${stdout}${stderr}`, { cause: error });
  }
}
