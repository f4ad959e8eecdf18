import { makeExecutableSchema } from '@graphql-tools/schema';
import { findUnforeseen, guardSchema, mapAccess, printAccessMap } from '@sallyport/guards';
import type { GraphQLSchema, Source } from 'graphql';
import { createGuards } from './guards.ts';
import { loadDefinition } from './loadDefinition.ts';
import { byName } from './schema.ts';

/**
 * A plugin for graphql-codegen that writes the access map, the page that `npx sallyport access` prints. Of the
 * definition of the server it needs the guards.
 *
 * @throws TypeError what `guardSchema` finds wrong
 *
 * @example
 * const { result } = await executeCodegen({
 *   schema: [authTypeDefs, 'type Query { me: ID @auth }'],
 *   generates: { 'access-map.md': { plugins: ['sallyport/codegen/access-map'] } },
 *   silent: true,
 * });
 * console.log(result[0]?.content.split('\n').at(-2)); // | `Query.me` | `@auth` | `{ me }` |
 */
export async function plugin(schema: GraphQLSchema): Promise<string> {
  const { guards: all } = await loadDefinition(process.cwd());
  // A guard whose directive this schema does not have has no place in its map: the template of `npm create sallyport`
  // is mapped in the folder of another server. The start of a server refuses such a guard.
  const own = Object.fromEntries(Object.entries(all).filter(([name]) => schema.getDirective(name)));
  // What counts as fresh makes no difference to the map.
  const guards = createGuards({ freshSeconds: 300 }, own);
  const guarded = guardSchema(inWrittenOrder(schema), { guards });
  return printAccessMap(mapAccess(guarded, { guards }), findUnforeseen(guarded, { guards }));
}

// codegen sorts types and fields by their names. A page for people has them in the order in which they were written,
// as the server does.
function inWrittenOrder(schema: GraphQLSchema): GraphQLSchema {
  const files = schema.extensions['sources'] as readonly Source[];
  const ordered = files.toSorted((a, b) => byName(toUrl(a.name), toUrl(b.name)));
  return makeExecutableSchema({ typeDefs: ordered.map(({ body }) => body) });
}

function toUrl(name: string): URL {
  return new URL(name, 'file:///');
}
