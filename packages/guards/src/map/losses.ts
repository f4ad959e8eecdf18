import { getRootTypes } from '@graphql-tools/utils';
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Guards, toKind } from '../guardKinds.ts';
import type { Requirement } from '../requirements.ts';
import { possibleTypes } from '../selections.ts';
import { mapAccess } from './accessMap.ts';
import { impliesAll } from './strength.ts';

/** A field whose refusal costs more than the field. */
export interface Loss {
  readonly refused: string;
  /** What becomes null in its place: `Query.items`, `an entry of Query.items`; null when that is the whole answer. */
  readonly removed: string | null;
}

interface Entry {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
}

/**
 * Finds the guarded fields that cannot be null, and what a refusal takes with them: a null where none may be removes
 * the object around it, and so on outwards. A field that asks for no more than every way to its object is left out,
 * because a caller who is refused there never gets to it.
 *
 * @example
 * const typeDefs = [authTypeDefs, 'type Query { me: String! @auth }'];
 * const losses = findLosses(guardSchema(makeExecutableSchema({ typeDefs }), { guards }), { guards });
 * console.log(losses.length); // 1
 */
export function findLosses(schema: GraphQLSchema, { guards }: { guards: Guards }): Loss[] {
  const entries = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.values(type.getFields()).map((field): Entry => ({ type, field }))
      : [],
  );
  const entriesTo = (type: GraphQLObjectType) =>
    entries.filter(({ field }) => possibleTypes(schema, field.type).includes(type));
  const roots = getRootTypes(schema);
  const access = new Map(
    mapAccess(schema, { guards }).map((access) => [access.coordinate, access]),
  );
  // Of an object, or of arguments, nothing was asked before.
  const isOfCaller = ({ directive }: Requirement) =>
    (toKind(guards[directive])?.kind ?? 'caller') === 'caller';
  return entries
    .filter(({ field }) => field.extensions.access?.check && isNonNullType(field.type))
    .flatMap((entry) => {
      const asked = entry.field.extensions.access?.requirements ?? [];
      const removed = new Set<string | null>();
      follow(entry, new Set());
      return [...removed].map((what) => ({ refused: coordinateOf(entry), removed: what }));

      function follow({ type }: Entry, seen: Set<GraphQLObjectType>): void {
        if (seen.has(type)) return;
        seen.add(type);
        if (roots.has(type)) removed.add(null);
        for (const outer of entriesTo(type)) {
          const { reach: ways = [], hasMore = false } = access.get(coordinateOf(outer)) ?? {};
          const isAskedBefore =
            asked.every(isOfCaller) &&
            ways.every(({ requirements }) => impliesAll(requirements, asked, guards));
          if (isAskedBefore && !hasMore) continue;
          const { type: outerType } = outer.field;
          if (isLostWithItsContent(outerType)) follow(outer, seen);
          else
            removed.add(
              `${hasNullableItems(outerType) ? 'an entry of ' : ''}${coordinateOf(outer)}`,
            );
        }
      }
    });
}

/**
 * Says a loss to the people who can mend it.
 *
 * @example
 * const typeDefs = [authTypeDefs, 'type Query { me: String! @auth }'];
 * const [loss] = findLosses(guardSchema(makeExecutableSchema({ typeDefs }), { guards }), { guards });
 * console.log(loss && printLoss(loss)); // a refusal of Query.me removes the whole answer
 */
export function printLoss({ refused, removed }: Loss): string {
  return `a refusal of ${refused} removes ${removed ?? 'the whole answer'}`;
}

function coordinateOf({ type, field }: Entry): string {
  return `${type.name}.${field.name}`;
}

// Whether an object that becomes null takes the field with it that holds it, which cannot be null either.
function isLostWithItsContent(type: GraphQLOutputType): boolean {
  if (!isNonNullType(type)) return false;
  return isListType(type.ofType) ? isLostWithItsContent(type.ofType.ofType) : true;
}

function hasNullableItems(type: GraphQLOutputType): boolean {
  const list = getNullableType(type);
  return isListType(list) && !isNonNullType(list.ofType);
}
