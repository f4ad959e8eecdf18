import { defineConfig } from 'drizzle-kit';

// The tables of the features in sallyport.config.ts: they have migrations of their own, which the package does not bring.
export default defineConfig({
  dialect: 'postgresql',
  // This file has no table in it; drizzle-kit wants at least one file to read.
  schema: ['./drizzle.own.config.ts', './src/!(apiToken|audit|session|throttle|user)/table.ts'],
  out: './drizzle/own',
});
