import { onPostgres } from './database.ts';

/** Whether tests that gain from it take their time: they do on CI, and where CI is set. */
export const longRuns = Boolean(process.env['CI']);

/** The same where a database of either kind is as good: once is enough. */
export const longRunsOnce = longRuns && !onPostgres;
