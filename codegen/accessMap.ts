import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema, Source } from 'graphql';
import { guardSchema, mapAccess, printAccessMap } from '../src/auth/index.ts';
import { createGuards } from '../src/guards.ts';

/**
 * A plugin for graphql-codegen that writes the access map, the page that `npx sallyport access` prints. It needs no
 * resolvers, so that it works before they are written.
 *
 * @throws TypeError what `guardSchema` finds wrong
 */
export function plugin(schema: GraphQLSchema): string {
  // What counts as fresh makes no difference to the map.
  const guards = createGuards({ freshSeconds: 300 });
  return printAccessMap(mapAccess(guardSchema(inWrittenOrder(schema), { guards }), { guards }));
}

// codegen sorts types and fields by their names. A page for people has them in the order in which they were written,
// as the server does.
function inWrittenOrder(schema: GraphQLSchema): GraphQLSchema {
  const files = schema.extensions['sources'] as readonly Source[];
  return makeExecutableSchema({ typeDefs: files.map(({ body }) => body) });
}
