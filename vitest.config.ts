import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The same suite on the embedded database and, where TEST_DATABASE_URL names one, on that Postgres.
const databases = process.env['TEST_DATABASE_URL'] ? ['embedded', 'postgres'] : ['embedded'];

// The packages of this repository resolve each other by their sources.
const conditions = ['sallyport-source'];

// What is tested of a package with the real server needs a database as the server's own tests do.
const withServer = 'packages/*/test/server/**/*.test.ts';

// Where the database plays no part, once is enough, and this takes minutes: browsers, clones, and long calculations.
const onEmbeddedAlone = [
  'packages/graphiql/test/server/{explorer,habits,troubles}.test.ts',
  'test/whole/{browserCookies,examples,extending,foreignPages,webExample}.test.ts',
  'test/{check,codegen,documents}/**',
  'test/commands/schema.test.ts',
  'test/config/secretProblem.test.ts',
  'test/database/{keepStatements,stepByStep}.test.ts',
  'test/docs/{comingFromFlask,everyBlock,functions,lineWidth,picture,quotations}.test.ts',
];

export default defineConfig({
  // Vite would take the ES modules of graphql-js while its users load the other copy, and types of two copies never match.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }], conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Modules and embedded databases are used again by the next file of a worker.
    isolate: false,
    setupFiles: [fileURLToPath(new URL('test/support/setup.ts', import.meta.url))],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for may take its time, for the machine may be busy.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: [withServer],
        },
      },
      ...databases.map((name) => ({
        extends: true as const,
        test: {
          name,
          include: ['test/**/*.test.ts', withServer],
          // Installs from the registry take minutes: `npm run test:install` runs them.
          exclude: ['test/install/**', ...(name === 'postgres' ? onEmbeddedAlone : [])],
          globalSetup: ['test/support/programTemplate.ts', `test/support/${name}Template.ts`],
          env: { TEST_DATABASE: name },
        },
      })),
    ],
  },
});
