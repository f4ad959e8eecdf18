import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root, run } from '../support/checkout.ts';

/** The files that `npm publish` would send, by the names of their packages. */
export type Tarballs = Readonly<Record<'sallyport' | 'guards' | 'client' | 'create', string>>;

declare module 'vitest' {
  interface ProvidedContext {
    tarballs: Tarballs;
  }
}

/** Packs everything that is published, as it is published and once for all tests: what is in dist/ is built anew. */
export default async function packAll({ provide }: TestProject) {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-tarballs-'));
  const everything = ['--workspaces', '--include-workspace-root'];
  await run(root, 'npm', 'pack', ...everything, '--pack-destination', directory);
  const names = await readdir(directory);
  const find = (start: RegExp) => join(directory, names.find((name) => start.test(name)) ?? '');
  provide('tarballs', {
    sallyport: find(/^sallyport-\d/),
    guards: find(/^sallyport-guards-/),
    client: find(/^sallyport-client-/),
    create: find(/^create-sallyport-/),
  });
  return () => rm(directory, { recursive: true });
}
