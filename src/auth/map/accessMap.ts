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
import type { Guards } from '../guards.ts';
import type { Requirement } from '../requirements.ts';
import { possibleTypes } from '../selections.ts';
import { impliesAll, reduceRequirements } from './strength.ts';

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
}

/** A way to a field: what it takes all in all, and one of the shortest operations that goes it. */
export interface Reach {
  readonly requirements: readonly Requirement[];
  /** Without arguments: `{ items { edges { node { price } } } }` */
  readonly path: string;
}

interface Way {
  readonly requirements: readonly Requirement[];
  readonly kind: OperationTypeNode;
  readonly steps: readonly string[];
}

/**
 * Finds for each field of a guarded schema who can reach it: over all paths from Query, Mutation and Subscription the
 * weakest requirement, and one of the shortest paths that asks for no more.
 */
export function mapAccess(
  schema: GraphQLSchema,
  { guards }: { guards: Guards },
): CoordinateAccess[] {
  const ways = findWays(schema, guards);
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const isRoot = (type: GraphQLNamedType) =>
    Object.values(OperationTypeNode).some((kind) => schema.getRootType(kind) === type);
  return types
    .toSorted((a, b) => Number(isRoot(b)) - Number(isRoot(a)))
    .flatMap((type) => {
      if (!isObjectType(type) && !isInterfaceType(type)) return [];
      return Object.values(type.getFields()).map(({ name, extensions }) => ({
        coordinate: `${type.name}.${name}`,
        requirements: extensions.access?.requirements ?? [],
        reach: concreteTypes(schema, type)
          .flatMap((concrete) => ways.get(`${concrete.name}.${name}`) ?? [])
          .toSorted((a, b) => a.steps.length - b.steps.length)
          .reduce<Way[]>((weakest, way) => addWay(weakest, way, guards) ?? weakest, [])
          .map((way) => ({ requirements: way.requirements, path: printPath(way) })),
      }));
    });
}

function concreteTypes(schema: GraphQLSchema, type: GraphQLObjectType | GraphQLInterfaceType) {
  return isInterfaceType(type) ? schema.getPossibleTypes(type) : [type];
}

// Breadth first, so that of two ways with the same requirements the shorter is there first.
function findWays(schema: GraphQLSchema, guards: Guards): Map<string, readonly Way[]> {
  const toFields = new Map<string, readonly Way[]>();
  const toTypes = new Map<GraphQLObjectType, readonly Way[]>();
  let arrivals = Object.values(OperationTypeNode).flatMap((kind): [GraphQLObjectType, Way][] => {
    const type = schema.getRootType(kind);
    return type ? [[type, { requirements: [], kind, steps: [] }]] : [];
  });
  while (arrivals.length > 0) {
    const next: typeof arrivals = [];
    for (const [type, way] of arrivals) {
      const weakest = addWay(toTypes.get(type) ?? [], way, guards);
      if (!weakest) continue;
      toTypes.set(type, weakest);
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        const asked = [...way.requirements, ...(field.extensions.access?.requirements ?? [])];
        const requirements = reduceRequirements(asked, guards);
        const steps = [...way.steps, field.name];
        const known = toFields.get(coordinate) ?? [];
        toFields.set(coordinate, addWay(known, { ...way, requirements, steps }, guards) ?? known);
        for (const possible of possibleTypes(schema, field.type)) {
          const condition = isAbstractType(getNamedType(field.type)) ? [`... on ${possible}`] : [];
          next.push([possible, { ...way, requirements, steps: [...steps, ...condition] }]);
        }
      }
    }
    arrivals = next;
  }
  return toFields;
}

// The weakest ways with one more; null when one of them already asks for no more than that one does.
function addWay(weakest: readonly Way[], way: Way, guards: Guards): Way[] | null {
  if (weakest.some((other) => impliesAll(way.requirements, other.requirements, guards)))
    return null;
  const others = weakest.filter(
    (other) => !impliesAll(other.requirements, way.requirements, guards),
  );
  return [...others, way];
}

function printPath({ kind, steps }: Way): string {
  const selection = steps.reduceRight((inner, step) => `{ ${step}${inner && ` ${inner}`} }`, '');
  return kind === OperationTypeNode.QUERY ? selection : `${kind} ${selection}`;
}
