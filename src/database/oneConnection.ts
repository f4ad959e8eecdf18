import type { Database } from './database.ts';

/** The databases with one connection, on which statements take turns. */
export const oneConnection = new WeakSet<Database>();
