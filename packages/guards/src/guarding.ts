import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Guards } from './guardKinds.ts';
import type { Requirement } from './requirements.ts';

/** What a schema remembers of being guarded, wherever it is rebuilt, merged or extended. */
export interface Guarding {
  readonly guards: Guards;
  /** The directives of others, which decide nothing about access. */
  readonly others: readonly string[];
  /** What each guarded field asked for then, by its coordinate. */
  readonly requirements: ReadonlyMap<string, readonly Requirement[]>;
}

declare module 'graphql' {
  // Functions, because tools that merge schemas copy objects, and keep functions as they are.
  interface GraphQLSchemaExtensions {
    guarding?: () => Guarding;
  }
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    guarding?: () => Guarding;
  }
}

/**
 * What `guardSchema` left on a schema and its fields, of which each tool loses another part; null where nothing is
 * left. Of schemas that were guarded apart and merged it is what all of them had.
 */
export function guardingOf(schema: GraphQLSchema): Guarding | null {
  const left = [
    schema.extensions.guarding,
    ...Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields()).map(({ extensions }) => extensions.guarding)
        : [],
    ),
  ];
  const all = [...new Set(left)].flatMap((guarding) => guarding?.() ?? []);
  if (all.length === 0) return null;
  return {
    guards: Object.assign({}, ...all.toReversed().map(({ guards }) => guards)),
    others: [...new Set(all.flatMap(({ others }) => others))],
    requirements: new Map(all.toReversed().flatMap(({ requirements }) => [...requirements])),
  };
}
