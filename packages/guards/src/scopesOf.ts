import { type GraphQLSchema, isObjectType } from 'graphql';
import { alternativesOf } from './scopes.ts';

/**
 * The lists of scopes that `@requiresScopes` asks for anywhere in a guarded schema, each once.
 *
 * @example
 * console.log(scopesOf(schema).flat()); // []
 */
export function scopesOf(schema: GraphQLSchema): string[][] {
  const requirements = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields()).flatMap(
          ({ extensions }) => extensions.access?.requirements ?? [],
        )
      : [],
  );
  const lists = requirements
    .filter(({ directive }) => directive === 'requiresScopes')
    .flatMap(({ args }) => alternativesOf(args) ?? []);
  return [...new Map(lists.map((list) => [JSON.stringify(list), list])).values()];
}
