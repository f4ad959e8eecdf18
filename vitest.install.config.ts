import { defineConfig } from 'vitest/config';

// What is published, installed from the registry into empty folders. It takes minutes, so it is not part of `npm test`.
export default defineConfig({
  test: {
    globalSetup: 'test/install/packAll.ts',
    include: ['test/install/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
