import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { type Guards, guardSchema } from './auth/index.ts';
import { features } from './features.ts';
import { requireWellFormedText } from './wellFormedText.ts';

const directory = new URL('../schema/', import.meta.url);

/**
 * The API's schema: what schema/*.graphql says, the features' resolvers, and around them the guards.
 *
 * @throws when a resolver has no field, or a directive stands where nothing enforces it
 */
export function createSchema(guards: Guards): GraphQLSchema {
  const typeDefs = readdirSync(directory)
    .filter((name) => name.endsWith('.graphql'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, directory), 'utf8'));
  const schema = makeExecutableSchema({ typeDefs, resolvers: features });
  // The guards come last, so that they run first.
  return guardSchema(requireWellFormedText(schema), { guards });
}
