import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root, run } from './checkout.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The compiled main.ts: it starts in a third of the time, and tests start it dozens of times. */
    program: string;
  }
}

/** Compiles the program once for all tests that start it, as it is compiled for the package. */
export default async function compileProgram({ provide }: TestProject) {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-program-'));
  await run(root, 'npx', 'tsc', '-p', 'tsconfig.build.json', '--outDir', join(directory, 'dist'));
  for (const name of ['schema', 'drizzle', 'node_modules', 'package.json']) {
    await symlink(join(root, name), join(directory, name));
  }
  provide('program', join(directory, 'dist/main.js'));
  return () => rm(directory, { recursive: true });
}
