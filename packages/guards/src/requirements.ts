import { type DirectableObject, getDirective } from '@graphql-tools/utils';
import type { GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { isAddedByFederation } from './federation.ts';
import type { Guarding } from './guarding.ts';
import type { Guards } from './guardKinds.ts';

/** One directive that holds for a field. */
export interface Requirement {
  readonly directive: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Where it is written: on the field, its type, or an interface of that, as a schema coordinate. */
  readonly coordinate: string;
}

/**
 * A requirement as it is written in a schema: `@fresh(maxAge: 60)`.
 *
 * @example
 * console.log(printRequirement({ directive: 'fresh', args: { maxAge: 60 } })); // @fresh(maxAge: 60)
 */
export function printRequirement({ directive, args }: Omit<Requirement, 'coordinate'>): string {
  const values = Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return values.length === 0 ? `@${directive}` : `@${directive}(${values.join(', ')})`;
}

/**
 * What a caller must satisfy to reach a field: the field's own directives, its type's, and those of every interface of
 * the type, on the interface and on its field. They come in the order in which they are checked, that of the guards.
 *
 * @example
 * const query = schema.getQueryType();
 * const requirements = query ? effectiveRequirements(schema, query, 'me', guards) : [];
 * console.log(requirements.map(printRequirement)); // [ '@auth' ]
 */
export function effectiveRequirements(
  schema: GraphQLSchema,
  type: GraphQLObjectType | GraphQLInterfaceType,
  fieldName: string,
  guards: Guards,
): Requirement[] {
  const places = [type, ...type.getInterfaces()].flatMap((parent) => {
    const field = parent.getFields()[fieldName];
    const ofField = field ? [{ element: field, coordinate: `${parent.name}.${fieldName}` }] : [];
    return [...ofField, { element: parent, coordinate: parent.name }];
  });
  const found = requirementsAt(schema, places, guards);
  return found.length === 0 && 'public' in guards && isAddedByFederation(schema, type, fieldName)
    ? [{ directive: 'public', args: {}, coordinate: `${type.name}.${fieldName}` }]
    : found;
}

/** What a caller must satisfy for a type as a whole: its own directives, and those of its interfaces. */
export function typeRequirements(
  schema: GraphQLSchema,
  type: GraphQLObjectType | GraphQLInterfaceType,
  guards: Guards,
): Requirement[] {
  const places = [type, ...type.getInterfaces()].map((element) => {
    return { element, coordinate: element.name };
  });
  return requirementsAt(schema, places, guards);
}

interface Place {
  readonly element: DirectableObject;
  readonly coordinate: string;
}

function requirementsAt(
  schema: GraphQLSchema,
  places: readonly Place[],
  guards: Guards,
): Requirement[] {
  return Object.keys(guards).flatMap((directive) =>
    places.flatMap(({ element, coordinate }) =>
      (getDirective(schema, element, directive) ?? []).map((args) => ({
        directive,
        args: withoutNulls(args),
        coordinate,
      })),
    ),
  );
}

/**
 * What a field must ask for in a schema that may have been guarded before: its effective requirements, and what it
 * asked for then. A tool that rebuilds a field loses its directives more easily than what the schema remembers.
 */
export function neededRequirements(
  schema: GraphQLSchema,
  type: GraphQLObjectType | GraphQLInterfaceType,
  fieldName: string,
  { guards, requirements }: Pick<Guarding, 'guards' | 'requirements'>,
): Requirement[] {
  const effective = effectiveRequirements(schema, type, fieldName, guards);
  const printed = new Set(effective.map(printRequirement));
  const before = [
    ...(type.getFields()[fieldName]?.extensions.access?.requirements ?? []),
    ...(requirements.get(`${type.name}.${fieldName}`) ?? []),
  ].filter((one) => one.directive in guards && !printed.has(printRequirement(one)));
  if (before.length === 0) return effective;
  const order = Object.keys(guards);
  return distinctRequirements([...effective, ...before]).toSorted(
    (a, b) => order.indexOf(a.directive) - order.indexOf(b.directive),
  );
}

// A null argument says the same as none.
function withoutNulls(args: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(args).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** Without the repetitions of one directive, with equal arguments, that several places bring. */
export function distinctRequirements(requirements: readonly Requirement[]): Requirement[] {
  return [...new Map(requirements.map((one) => [printRequirement(one), one])).values()];
}
