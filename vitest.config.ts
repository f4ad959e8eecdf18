import { defineConfig } from 'vitest/config';

// The same suite on the embedded database and, where TEST_DATABASE_URL names one, on that Postgres.
const databases = process.env['TEST_DATABASE_URL'] ? ['embedded', 'postgres'] : ['embedded'];

export default defineConfig({
  // Vite would take the ES modules of graphql-js while its users load the other copy, and types of two copies never match.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    // Modules and embedded databases are used again by the next file of a worker.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: databases.map((name) => ({
      extends: true,
      test: {
        name,
        include: ['test/**/*.test.ts'],
        globalSetup: ['test/support/programTemplate.ts', `test/support/${name}Template.ts`],
        env: { TEST_DATABASE: name },
      },
    })),
  },
});
