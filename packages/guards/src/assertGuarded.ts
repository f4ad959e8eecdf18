import {
  type GraphQLObjectType,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { asksOfEntities } from './entities.ts';
import { entityUnionOf } from './federation.ts';
import { combineChecks } from './fieldChecks.ts';
import { type Guarding, guardingOf } from './guarding.ts';
import { toKind } from './guardKinds.ts';
import { isGuardedBy, readsObject } from './guardResolver.ts';
import { findPlacementProblems } from './placement.ts';
import { hasReferenceResolver } from './references.ts';
import { effectiveRequirements, neededRequirements, printRequirement } from './requirements.ts';
import { possibleTypes } from './selections.ts';

/**
 * Makes sure that what is served is what is guarded: that each field of the schema has on its resolver, and at the root
 * of subscriptions on its source, the guard of every directive that holds for it. Whatever adds or rebuilds fields
 * after `guardSchema` leaves them open; this is asked by the first door before the first operation of a schema, and by
 * `proveAccess`. Ask it when your server starts.
 *
 * @throws TypeError with a line for each field that is not guarded as it should be
 *
 * @example
 * assertGuarded(schema);
 * try {
 *   assertGuarded(makeExecutableSchema({ typeDefs: 'type Query { all: Int }' }));
 * } catch (error) {
 *   console.log(String(error)); // TypeError: This schema has no guards: serve what guardSchema returns.
 * }
 */
export function assertGuarded(schema: GraphQLSchema): void {
  const problems = findUnguarded(schema);
  if (problems.length > 0) throw new TypeError(problems.join('\n'));
}

function findUnguarded(schema: GraphQLSchema): string[] {
  const guarding = guardingOf(schema);
  if (!guarding) return ['This schema has no guards: serve what guardSchema returns.'];
  const placement = findPlacementProblems(schema, guarding);
  if (placement.length > 0) return placement;
  const gaps = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !isIntrospectionType(type)
      ? Object.keys(type.getFields()).flatMap((name) => findGap(schema, type, name, guarding) ?? [])
      : [],
  );
  return [...gaps, ...findEntityProblems(schema, guarding)];
}

// What decides by an object must not take what a caller says for one.
function findEntityProblems(schema: GraphQLSchema, { guards }: Guarding): string[] {
  const union = entityUnionOf(schema);
  const resolver = schema.getQueryType()?.getFields()['_entities']?.resolve;
  if (!union) return [];
  if (!asksOfEntities(resolver))
    return [`Query._entities ${isServedWithout} of its types: ${last}`];
  return union.getTypes().flatMap((type) => {
    if (hasReferenceResolver(type)) return [];
    const requirements = [...typesWithin(schema, type)].flatMap((each) =>
      Object.keys(each.getFields()).flatMap((name) =>
        effectiveRequirements(schema, each, name, guards),
      ),
    );
    const byObject = requirements.find(
      ({ directive }) => toKind(guards[directive])?.kind === 'object',
    );
    return byObject
      ? [
          `${byObject.coordinate} has ${printRequirement(byObject)}, which decides by the object: ${type.name} needs a __resolveReference, or whoever sends a reference says what the object is.`,
        ]
      : [];
  });
}

// The types of which a reference can hold objects: that of the entity, and those of fields that are read off one.
function typesWithin(schema: GraphQLSchema, entity: GraphQLObjectType): Set<GraphQLObjectType> {
  const found = new Set([entity]);
  // A set goes on with what is added meanwhile.
  for (const type of found) {
    for (const field of Object.values(type.getFields())) {
      if (!readsObject(field.resolve)) continue;
      for (const possible of possibleTypes(schema, field.type)) found.add(possible);
    }
  }
  return found;
}

const isServedWithout = 'is served without the guard';
const last = 'guard the schema last, after everything that adds or rebuilds its fields.';

function findGap(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  fieldName: string,
  guarding: Guarding,
): string | null {
  const field = type.getFields()[fieldName];
  const needed = neededRequirements(schema, type, fieldName, guarding);
  const refusing = needed.filter((one) => combineChecks([one], guarding.guards).check);
  if (!field || refusing.length === 0) return null;
  const asked = new Set(field.extensions.access?.requirements.map(printRequirement));
  const isKnown =
    field.extensions.access?.check && refusing.every((one) => asked.has(printRequirement(one)));
  const resolvers = [
    field.resolve,
    ...(type === schema.getSubscriptionType() ? [field.subscribe] : []),
  ];
  if (isKnown && resolvers.every((resolver) => isGuardedBy(resolver, refusing))) return null;
  const directives = refusing.map(printRequirement).join(' ');
  return `${type.name}.${fieldName} ${isServedWithout} of ${directives}: ${last}`;
}
