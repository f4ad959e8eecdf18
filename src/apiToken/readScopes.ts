import { memoize1 } from '@graphql-tools/utils';
import { scopesOf } from '@sallyport/guards';
import type { GraphQLSchema } from 'graphql';
import { badUserInput } from '../errors.ts';

const knownScopes = memoize1((schema: GraphQLSchema) => new Set(scopesOf(schema).flat()));

/**
 * Reads the scopes of a new API token, each once. A scope that no field asks for is a slip, which would be noticed only
 * when the token is refused.
 *
 * @throws BAD_USER_INPUT
 */
export function readScopes(scopes: readonly string[], schema: GraphQLSchema): string[] {
  const known = knownScopes(schema);
  if (scopes.every((scope) => known.has(scope))) return [...new Set(scopes)];
  const all = [...known].toSorted().join(', ') || 'none';
  throw badUserInput('scopes', `"scopes" may have what some field asks for: ${all}.`);
}
