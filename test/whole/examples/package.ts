import { chmod, cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, run } from '../../support/checkout.ts';

/** What a user installs besides, for the examples and for TypeScript. */
const besides = ['@types/node', 'graphql-yoga', 'mercurius', 'tsx'];

/** A project with the package in it, as `npm install` leaves it, with the examples beside it. */
export interface Installation {
  /** To be removed after use. */
  readonly directory: string;
  readonly project: string;
  /** The names of what is in the package, without what npm puts into every package. */
  readonly contents: readonly string[];
}

/**
 * Packs the package and installs it, without the network: its dependencies, and only those that it would bring, are
 * links to the ones that are here.
 */
export async function installPackage(): Promise<Installation> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-package-'));
  // What is packed was built before the first test.
  await run(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', directory);

  const project = join(directory, 'project');
  const installed = join(project, 'node_modules/sallyport');
  await mkdir(installed, { recursive: true });
  const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz')) ?? '';
  await run(installed, 'tar', '-xzf', join(directory, tarball), '--strip-components=1');
  const { dependencies, peerDependencies } = JSON.parse(
    await readFile(join(installed, 'package.json'), 'utf8'),
  );
  const names = new Set([...Object.keys({ ...dependencies, ...peerDependencies }), ...besides]);
  for (const name of names) {
    const link = join(project, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules', name), link);
  }
  await linkProgram(project);
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  await addItems(project);
  await cp(join(root, 'packages/guards/examples'), join(project, 'examples'), { recursive: true });
  return { directory, project, contents: (await readdir(installed)).toSorted() };
}

// The feature that the service has in common with the examples is a user's own: that of the suite.
async function addItems(project: string): Promise<void> {
  await cp(join(root, 'test/support/items'), join(project, 'items'), { recursive: true });
  const resolvers = join(project, 'items/resolvers.ts');
  const source = await readFile(resolvers, 'utf8');
  await writeFile(resolvers, source.replaceAll(/'(?:\.\.\/)+src\/[^']*'/g, `'sallyport'`));
  await writeFile(
    join(project, 'sallyport.config.ts'),
    `import { defineServer } from 'sallyport';
import { itemResolvers } from './items/resolvers.ts';

export default defineServer({
  features: [{ schema: 'items/items.graphql', resolvers: itemResolvers }],
});
`,
  );
}

async function linkProgram(project: string): Promise<void> {
  const programs = join(project, 'node_modules/.bin');
  const program = join(programs, 'sallyport');
  await mkdir(programs);
  await symlink('../sallyport/bin/sallyport.js', program);
  await chmod(program, 0o755);
}
