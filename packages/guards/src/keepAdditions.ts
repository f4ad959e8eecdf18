import type { GraphQLSchema } from 'graphql';

/**
 * Gives the types of a schema what those of the one that it was rebuilt from have besides. Some tools keep what they
 * know on the types themselves, such as how federation finds an object by its key.
 */
export function keepAdditions(from: GraphQLSchema, to: GraphQLSchema): void {
  for (const type of Object.values(from.getTypeMap())) {
    const rebuilt = to.getType(type.name);
    if (!rebuilt || rebuilt === type) continue;
    for (const [key, value] of Object.entries(type)) {
      if (!(key in rebuilt)) Object.assign(rebuilt, { [key]: value });
    }
  }
}
