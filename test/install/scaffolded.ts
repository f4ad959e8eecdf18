import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../support/checkout.ts';
import { install } from './installed.ts';
import type { Tarballs } from './packAll.ts';

/**
 * Makes a project as `npm create sallyport my-api` does, with the packages of the tarballs in place of those of the
 * registry, and installs what it needs.
 */
export async function scaffold(tarballs: Tarballs): Promise<string> {
  const { directory } = await install([tarballs.create]);
  await run(directory, join(directory, 'node_modules/.bin/create-sallyport'), 'my-api');
  const project = join(directory, 'my-api');
  await useTarballs(project, tarballs);
  await run(project, 'npm', 'install', '--no-audit', '--no-fund');
  return project;
}

/** Names the tarballs as the sources of our packages in a project. */
export async function useTarballs(
  project: string,
  { sallyport, guards }: Pick<Tarballs, 'sallyport' | 'guards'>,
): Promise<void> {
  const file = join(project, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  manifest.dependencies.sallyport = `file:${sallyport}`;
  manifest.dependencies['@sallyport/guards'] = `file:${guards}`;
  await writeFile(file, JSON.stringify(manifest, null, 2));
}

/** Makes of a packed sallyport its next release, with one more table. */
export async function nextRelease(tarball: string, directory: string): Promise<string> {
  await run(directory, 'tar', '-xzf', tarball);
  const unpacked = join(directory, 'package');
  const manifest = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8'));
  const { prepack: _prepack, prepare: _prepare, ...scripts } = manifest.scripts;
  const version = '0.1.1';
  await writeFile(
    join(unpacked, 'package.json'),
    JSON.stringify({ ...manifest, version, scripts }),
  );
  const journalFile = join(unpacked, 'drizzle/meta/_journal.json');
  const journal = JSON.parse(await readFile(journalFile, 'utf8'));
  const last = journal.entries.at(-1);
  const entry = { ...last, idx: last.idx + 1, when: last.when + 1, tag: '9999_next_release' };
  journal.entries.push(entry);
  await writeFile(journalFile, JSON.stringify(journal));
  await writeFile(
    join(unpacked, 'drizzle/9999_next_release.sql'),
    'create table next_release (user_id uuid references users (id));',
  );
  await run(unpacked, 'npm', 'pack', '--pack-destination', directory);
  return join(directory, `sallyport-${version}.tgz`);
}
