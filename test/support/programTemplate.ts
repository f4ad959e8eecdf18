import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root, run } from './checkout.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The compiled main.ts, which tests start dozens of times. */
    program: string;
  }
}

/** Builds what `npm start` runs, once for all tests that start it. */
export default async function compileProgram({ provide }: TestProject) {
  await run(root, 'npm', 'run', 'build');
  provide('program', join(root, 'dist/main.js'));
}
