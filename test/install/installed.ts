import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from '../support/checkout.ts';

/** An empty folder in which packages have been installed, with what npm wrote down of them. */
export interface Installed {
  readonly directory: string;
  readonly packages: readonly InstalledPackage[];
}

interface InstalledPackage {
  readonly path: string;
  readonly version: string;
  readonly hasInstallScript?: boolean;
}

/** Installs into a new folder, with none of the overrides of this repository. */
export async function install(what: readonly string[], ...options: string[]): Promise<Installed> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-installed-'));
  await writeFile(
    join(directory, 'package.json'),
    '{ "name": "somebody", "version": "1.0.0", "type": "module", "private": true }',
  );
  await run(directory, 'npm', 'install', '--no-audit', '--no-fund', ...options, ...what);
  const lock = JSON.parse(await readFile(join(directory, 'package-lock.json'), 'utf8'));
  const entries = Object.entries(lock.packages as Record<string, Omit<InstalledPackage, 'path'>>);
  const packages = entries
    .filter(([path]) => path !== '')
    .map(([path, { version, hasInstallScript = false }]) => ({ path, version, hasInstallScript }));
  return { directory, packages };
}

/** The versions of a package that are installed, wherever they lie. */
export function versionsOf({ packages }: Installed, name: string): string[] {
  return packages
    .filter(({ path }) => path.endsWith(`node_modules/${name}`))
    .map(({ version }) => version);
}

/** Says for people how much was installed. */
export async function sizeOf({ directory }: Installed): Promise<string> {
  const modules = join(directory, 'node_modules');
  const lines = await run(directory, 'npm', 'ls', '--all', '--parseable');
  const [kilobytes = ''] = (await run(directory, 'du', '-sk', modules)).split('\t');
  const count = new Set(lines.trim().split('\n')).size - 1;
  return `${count} packages, ${(Number(kilobytes) / 1024).toFixed(1)} MB`;
}

/** Compiles a program in the folder as strictly as TypeScript can, with the types of all that it imports. */
export async function compile(
  { directory }: Installed,
  program: string,
  options: { module: string; moduleResolution: string },
): Promise<string> {
  const compilerOptions = {
    ...options,
    target: 'es2023',
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    types: ['node'],
  };
  const project = join(directory, options.moduleResolution);
  await mkdir(project, { recursive: true });
  await writeFile(join(project, 'program.ts'), program);
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts'] }),
  );
  return await run(directory, join(root, 'node_modules/.bin/tsc'), '--project', project);
}
