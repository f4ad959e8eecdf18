import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { Mutant } from './mutants.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const conditions = ['sallyport-source'];
const chosen = process.env['MUTANT'];
const mutant: Mutant | null = chosen === undefined ? null : JSON.parse(chosen);
const changedFile = mutant && `${root}packages/guards/src/${mutant.file}`;

// The tests of the engine, with one change of it that is made while it is loaded: no file is touched.
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }], conditions },
  ssr: { resolve: { conditions } },
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      load(id) {
        if (!mutant || id.split('?')[0] !== changedFile) return null;
        return readFileSync(changedFile, 'utf8').replace(mutant.from, () => mutant.to);
      },
    },
  ],
  test: {
    isolate: false,
    bail: 1,
    maxWorkers: 2,
    testTimeout: 60_000,
    setupFiles: [`${root}test/support/setup.ts`],
    include: ['packages/guards/test/**/*.test.ts'],
    // They start programs, which load the engine as it is.
    exclude: ['packages/guards/test/readme.test.ts', 'packages/guards/test/codegen.test.ts'],
  },
});
