import { defineConfig } from 'drizzle-kit';

// The tables of the package. Those of the features in sallyport.config.ts are in drizzle.own.config.ts.
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/{apiToken,audit,session,throttle,user}/table.ts',
  out: './drizzle',
});
