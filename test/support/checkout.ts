import { execFile } from 'node:child_process';
import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const folders = ['bin', 'codegen', 'drizzle', 'examples', 'schema', 'src'];
const files = ['LICENSE', 'README.md', 'codegen.yml', 'drizzle.config.ts', 'package.json'];
const settings = ['tsconfig.json', 'tsconfig.build.json'];

/** Copies what the project is made of, but for its tests, to a directory that a test can change and then removes. */
export async function copyCheckout(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-checkout-'));
  for (const name of [...folders, ...files, ...settings]) {
    await cp(join(root, name), join(directory, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

/** Runs a command to its end, and gives what it printed; when it fails, that is in the error. */
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
