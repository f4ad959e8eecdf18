import { readdirSync, readFileSync } from 'node:fs';

// Sallyport's schema, for those that serve it in their own way.
const directory = new URL('../../schema/', import.meta.url);
export const typeDefs = readdirSync(directory)
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => readFileSync(new URL(name, directory), 'utf8'));
