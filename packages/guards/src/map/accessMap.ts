import {
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  OperationTypeNode,
} from 'graphql';
import type { Guards } from '../guardKinds.ts';
import type { Requirement } from '../requirements.ts';
import { possibleTypes } from '../selections.ts';
import { type AskedBy, askedByFields } from './askedByFields.ts';
import { countOf, includes, orderRequirements } from './requirementOrder.ts';

/** Who can reach a field. */
export interface CoordinateAccess {
  /** `Item.price` */
  readonly coordinate: string;
  /** The directives that hold for the field, each with the place where it is written. */
  readonly requirements: readonly Requirement[];
  /**
   * The weakest requirements with which anyone reaches the field. There are several when none of them implies another;
   * there are none when no operation reaches it.
   */
  readonly reach: readonly Reach[];
  /**
   * Whether there may be more ways, with other requirements: of a type, or a field, only so many are followed, those
   * that ask for the least.
   */
  readonly hasMore: boolean;
}

/** A way to a field: what it takes all in all, and one of the shortest operations that goes it. */
export interface Reach {
  readonly requirements: readonly Requirement[];
  /** Without arguments: `{ items { edges { node { price } } } }` */
  readonly path: string;
}

/** How many ways to one place are followed that none of the others is weaker than. */
const maximumWays = 16;

interface Way {
  /** Those of each field on the way that asks for more than the ones before it. */
  readonly requirements: readonly Requirement[];
  /** Everything that they imply. */
  readonly implied: bigint;
  readonly kind: OperationTypeNode;
  readonly steps: readonly string[];
}

/** The weakest ways to a place. */
interface Weakest {
  readonly ways: readonly Way[];
  /** What all ways imply that were left out; null when none was. */
  readonly leftOut: bigint | null;
}

const nowhere: Weakest = { ways: [], leftOut: null };

/**
 * Finds for each field of a guarded schema who can reach it: over all paths from Query, Mutation and Subscription the
 * weakest requirement, and one of the shortest paths that asks for no more.
 *
 * @example
 * const access = mapAccess(schema, { guards }).find(({ coordinate }) => coordinate === 'Query.me');
 * console.log(access?.requirements.map(printRequirement)); // [ '@auth' ]
 */
export function mapAccess(
  schema: GraphQLSchema,
  { guards }: { guards: Guards },
): CoordinateAccess[] {
  const order = orderRequirements(schema, guards);
  const toFields = findWays(schema, askedByFields(guards, order));
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const isRoot = (type: GraphQLNamedType) =>
    Object.values(OperationTypeNode).some((kind) => schema.getRootType(kind) === type);
  return types
    .toSorted((a, b) => Number(isRoot(b)) - Number(isRoot(a)))
    .flatMap((type) => {
      if (!isObjectType(type) && !isInterfaceType(type)) return [];
      return Object.values(type.getFields()).map(({ name, extensions }) => {
        const { ways, leftOut } = unite(
          concreteTypes(schema, type).flatMap(
            (concrete) => toFields.get(`${concrete.name}.${name}`) ?? [],
          ),
        );
        return {
          coordinate: `${type.name}.${name}`,
          requirements: extensions.access?.requirements ?? [],
          reach: ways.map((way) => ({
            requirements: order.reduce(way.requirements),
            path: printPath(way),
          })),
          hasMore: mayHaveMore(ways, leftOut),
        };
      });
    });
}

function concreteTypes(schema: GraphQLSchema, type: GraphQLObjectType | GraphQLInterfaceType) {
  return isInterfaceType(type) ? schema.getPossibleTypes(type) : [type];
}

// The shorter of two ways with the same requirements first.
function unite(places: readonly Weakest[]): Weakest {
  const { ways, leftOut } = places
    .flatMap((place) => place.ways)
    .toSorted((a, b) => a.steps.length - b.steps.length)
    .reduce((weakest, way) => addWay(weakest, way) ?? weakest, nowhere);
  return { ways, leftOut: places.reduce((all, place) => intersect(all, place.leftOut), leftOut) };
}

// Not when one that is known asks for no more than any of those that were left out.
function mayHaveMore(ways: readonly Way[], leftOut: bigint | null): boolean {
  return leftOut !== null && !ways.some(({ implied }) => includes(leftOut, implied));
}

function intersect(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other;
  return one & other;
}

// Breadth first, so that of two ways with the same requirements the shorter is there first.
function findWays(schema: GraphQLSchema, askedBy: AskedBy): Map<string, Weakest> {
  const toFields = new Map<string, Weakest>();
  const toTypes = new Map<GraphQLObjectType, Weakest>();
  let arrivals = Object.values(OperationTypeNode).flatMap((kind): [GraphQLObjectType, Way][] => {
    const type = schema.getRootType(kind);
    return type ? [[type, { requirements: [], implied: 0n, kind, steps: [] }]] : [];
  });
  while (arrivals.length > 0) {
    const next: typeof arrivals = [];
    for (const [type, way] of arrivals) {
      const known = toTypes.get(type) ?? nowhere;
      const weakest = addWay(known, way);
      toTypes.set(type, weakest ?? known);
      if (!weakest?.ways.includes(way)) continue;
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        const { asked, more } = askedBy(type, field);
        const isMore = asked.length > 0 && !includes(way.implied, more);
        const requirements = isMore ? [...way.requirements, ...asked] : way.requirements;
        const implied = way.implied | more;
        const steps = [...way.steps, field.name];
        const before = toFields.get(coordinate) ?? nowhere;
        const through = { ...way, requirements, implied, steps };
        toFields.set(coordinate, addWay(before, through) ?? before);
        for (const possible of possibleTypes(schema, field.type)) {
          const condition = isAbstractType(getNamedType(field.type)) ? [`... on ${possible}`] : [];
          next.push([possible, { ...through, steps: [...steps, ...condition] }]);
        }
      }
    }
    arrivals = next;
  }
  followWhatWasLeftOut(schema, askedBy, { toFields, toTypes });
  return toFields;
}

// Behind a type to which ways were left out, there are ways that imply what these did, and what the field asks for.
function followWhatWasLeftOut(
  schema: GraphQLSchema,
  askedBy: AskedBy,
  {
    toFields,
    toTypes,
  }: {
    toFields: Map<string, Weakest>;
    toTypes: ReadonlyMap<GraphQLObjectType, Weakest>;
  },
): void {
  const behind = new Set(
    [...toTypes].flatMap(([type, { leftOut }]) => (leftOut === null ? [] : [type])),
  );
  const all = [...toTypes.values()].reduce<bigint | null>(
    (sum, { leftOut }) => intersect(sum, leftOut),
    null,
  );
  // Iterating over a set also visits what is added meanwhile.
  for (const type of behind) {
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const known = toFields.get(coordinate) ?? nowhere;
      const asked = askedBy(type, field).more;
      toFields.set(coordinate, {
        ...known,
        leftOut: intersect(known.leftOut, (all ?? 0n) | asked),
      });
      for (const possible of possibleTypes(schema, field.type)) behind.add(possible);
    }
  }
}

// The weakest ways with one more; null when one of them already asks for no more than that one does. Of too many, those
// that imply the most are left out, so that what stays only ever gets weaker, and the search comes to an end.
function addWay({ ways, leftOut }: Weakest, way: Way): Weakest | null {
  if (ways.some((other) => includes(way.implied, other.implied))) return null;
  const others = ways.filter((other) => !includes(other.implied, way.implied));
  const all = [...others, way];
  if (all.length <= maximumWays) return { ways: all, leftOut };
  const most = Math.max(...all.map(({ implied }) => countOf(implied)));
  const dropped = all.findLast(({ implied }) => countOf(implied) === most) ?? way;
  return {
    ways: all.filter((one) => one !== dropped),
    leftOut: intersect(leftOut, dropped.implied),
  };
}

function printPath({ kind, steps }: Way): string {
  const selection = steps.reduceRight((inner, step) => `{ ${step}${inner && ` ${inner}`} }`, '');
  return kind === OperationTypeNode.QUERY ? selection : `${kind} ${selection}`;
}
