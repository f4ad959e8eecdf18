import { memoize1, memoize3 } from '@graphql-tools/utils';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import {
  type ArgumentCheckpoint,
  judgeArguments,
  type RefusedNodes,
  type Variables,
} from './argumentCheckpoints.ts';
import { assertGuarded } from './assertGuarded.ts';
import type { Authentication } from './authentication.ts';
import { checkOfSelection, type EntityAccess } from './entities.ts';
import { type Check, toRefusal } from './fieldChecks.ts';
import { accessOf } from './guardSchema.ts';
import { refusalOf } from './refuse.ts';
import type { OnRefusal } from './refused.ts';
import { applies, fieldsOn, findFragmentIn, possibleTypes } from './selections.ts';

/** What an operation asks of its caller. */
export interface OperationAccess {
  readonly kind: OperationTypeNode;
  /** The fields that could be refused, on whatever depth and whatever type. */
  readonly guarded: readonly Checkpoint[];
  /** Those of them at the root of the operation. */
  readonly root: readonly Checkpoint[];
  /** Whether a field at the root refuses nobody. */
  readonly isOpen: boolean;
  /** Whether a guard in dry run is asked of some field: it has to know the caller. */
  readonly isTried: boolean;
  readonly onRefusal: OnRefusal | null;
  /** How many selections were looked at to find this out: a fragment counts for each type that it is on. */
  readonly selections: number;
  /** The fields whose arguments are looked at, too. */
  readonly byArguments: readonly ArgumentCheckpoint[];
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
}

/** All fields of an operation with the same requirements. */
interface Checkpoint {
  readonly check: Check;
  readonly nodes: readonly FieldNode[];
  readonly coordinates: readonly string[];
}

// Asked once for each schema, and again as long as it fails, because what throws is not kept.
const assertGuardedOnce = memoize1((schema: GraphQLSchema) => {
  assertGuarded(schema);
  return true;
});
const findAccessOnce = memoize3(findAccess);
const refusesNobody: Check = () => null;

/**
 * Finds what an operation asks of its caller. That depends on the document alone, so it is found once and kept for as
 * long as the document is. Fragments count, and so do fields under `@skip` and `@include`, whose values are not
 * known here. A field of an interface or union counts for each type that could be there.
 *
 * @throws TypeError for every operation of a schema that is not served as it was guarded: see `assertGuarded`
 *
 * @example
 * const access = describeAccess(schema, document, operation);
 * console.log(access.guarded.length); // 1
 */
export function describeAccess(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationAccess {
  assertGuardedOnce(schema);
  return findAccessOnce(schema, document, operation);
}

function findAccess(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationAccess {
  const rootType = schema.getRootType(operation.operation);
  const findFragment = findFragmentIn(document);
  const rootNodes = new Set(
    rootType ? fieldsOn(schema, rootType, operation.selectionSet, findFragment) : [],
  );
  const guarded = new Map<Check, Found>();
  const byArguments: ArgumentCheckpoint[] = [];
  let isTried = false;
  let selections = 0;
  let onRefusal: OnRefusal | null = null;
  // What a selection set selects on a type never depends on the way there, so each pair is walked once.
  const walked = new Map<SelectionSetNode, Set<GraphQLObjectType>>();

  function walk(selectionSet: SelectionSetNode, type: GraphQLObjectType): void {
    const types = walked.get(selectionSet) ?? new Set();
    if (types.has(type)) return;
    walked.set(selectionSet, types.add(type));
    for (const selection of selectionSet.selections) {
      selections++;
      if (selection.kind === Kind.FIELD) {
        visit(selection, type);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : findFragment(selection.name.value);
      if (fragment && applies(schema, fragment, type)) walk(fragment.selectionSet, type);
    }
  }

  function visit(node: FieldNode, type: GraphQLObjectType): void {
    const access = accessOf(type, node.name.value);
    const { check, argumentCheck } = access ?? {};
    const field = type.getFields()[node.name.value];
    const coordinate = `${type.name}.${node.name.value}`;
    isTried ||= field?.extensions.trial !== undefined;
    onRefusal ??= access?.onRefusal ?? null;
    if (check) note(guarded, check, { node, coordinate });
    const entities = field?.extensions.entities;
    // Each reference is judged when it is known, so the caller has to be.
    if (entities)
      note(guarded, checkOfEntities(node, entities) ?? refusesNobody, { node, coordinate });
    if (check && argumentCheck && field) {
      byArguments.push({
        check,
        argumentCheck,
        coordinate,
        field,
        node,
        isRoot: type === rootType && rootNodes.has(node),
      });
    }
    if (!field || !node.selectionSet) return;
    for (const possible of possibleTypes(schema, field.type)) walk(node.selectionSet, possible);
  }

  function checkOfEntities(node: FieldNode, entities: EntityAccess): Check | null {
    return checkOfSelection(entities, node, { schema, findFragment });
  }

  if (rootType) walk(operation.selectionSet, rootType);
  // A fragment on an interface can be at the root and below: what counts here is what the root's own field asks.
  const root = new Map<Check, Found>();
  for (const node of rootNodes) {
    const entities = rootType?.getFields()[node.name.value]?.extensions.entities;
    const check =
      (rootType && accessOf(rootType, node.name.value)?.check) ??
      (entities && checkOfEntities(node, entities));
    if (check) note(root, check, { node, coordinate: `${rootType?.name}.${node.name.value}` });
  }
  return {
    kind: operation.operation,
    guarded: toCheckpoints(guarded),
    root: toCheckpoints(root),
    byArguments,
    schema,
    operation,
    isOpen: [...root.values()].reduce((sum, { nodes }) => sum + nodes.size, 0) < rootNodes.size,
    isTried,
    onRefusal,
    selections,
  };
}

interface Found {
  readonly nodes: Set<FieldNode>;
  readonly coordinates: Set<string>;
}

function note(
  all: Map<Check, Found>,
  check: Check,
  { node, coordinate }: { node: FieldNode; coordinate: string },
): void {
  const found = all.get(check) ?? { nodes: new Set(), coordinates: new Set() };
  found.nodes.add(node);
  found.coordinates.add(coordinate);
  all.set(check, found);
}

function toCheckpoints(all: ReadonlyMap<Check, Found>): Checkpoint[] {
  return [...all].map(([check, { nodes, coordinates }]) => {
    return { check, nodes: [...nodes], coordinates: [...coordinates] };
  });
}

/**
 * Decides whether an operation may begin: the errors with which it is refused whole, or none. A mutation is refused
 * when anything in it would be, its payload included, so that nothing half-happens. A query or subscription is refused
 * when each of its root fields would be; the rest is left to the resolvers, of which some may never run. What a guard
 * decides by an object is left to them too, because there is none yet: here its caller is asked for.
 *
 * `variables` are those of the request, as they were sent: guards that look at arguments are given their values.
 *
 * @example
 * const errors = judgeOperation(describeAccess(schema, document, operation), callers.user, {});
 * console.log(errors.map(({ message }) => message)); // [ 'Administrators only.' ]
 */
export function judgeOperation(
  access: OperationAccess,
  authentication: Authentication,
  variables: Variables,
): GraphQLError[] {
  const isMutation = access.kind === OperationTypeNode.MUTATION;
  if (!isMutation && access.isOpen) return [];
  const asked = isMutation ? access.guarded : access.root;
  const ofCaller = asked.flatMap((checkpoint) => refusalsOf(checkpoint, authentication));
  const refusedChecks = new Set(ofCaller.map(({ check }) => check));
  const open = access.byArguments.filter(
    ({ check, isRoot }) => (isMutation || isRoot) && !refusedChecks.has(check),
  );
  const ofArguments = judgeArguments(open, access, authentication, variables);
  const refused = [...ofCaller, ...ofArguments];
  if (isMutation) return refuse(refused, access, authentication);
  const nodes = new Set(asked.flatMap((checkpoint) => checkpoint.nodes));
  const refusedNodes = new Set(refused.flatMap((each) => each.nodes));
  return refusedNodes.size === nodes.size ? refuse(refused, access, authentication) : [];
}

function refuse(
  refused: readonly RefusedNodes[],
  { onRefusal }: OperationAccess,
  authentication: Authentication,
): GraphQLError[] {
  for (const { refusal: error, coordinates } of onRefusal ? refused : []) {
    for (const coordinate of coordinates) {
      onRefusal?.({ coordinate, error, authentication, door: 'first', isDryRun: false }, null);
    }
  }
  return toErrors(refused);
}

function refusalsOf({ check, nodes, coordinates }: Checkpoint, authentication: Authentication) {
  const refusal = check(authentication);
  if (refusal === null) return [];
  if (refusal instanceof Error) return [{ refusal, nodes, coordinates, check }];
  throw toRefusal(refusal);
}

// Alike errors become one, with the places of them all.
function toErrors(refused: readonly RefusedNodes[]): GraphQLError[] {
  const alike = new Map<string, { refusal: GraphQLError; nodes: FieldNode[] }>();
  for (const { refusal, nodes } of refused) {
    const key = keyOf(refusal);
    const places = alike.get(key)?.nodes ?? [];
    for (const node of nodes) places.push(node);
    alike.set(key, { refusal, nodes: places });
  }
  return [...alike.values()].map(({ refusal, nodes }) => {
    const inOrder = nodes.toSorted((a, b) => (a.loc?.start ?? 0) - (b.loc?.start ?? 0));
    return refusalOf(refusal, inOrder);
  });
}

function keyOf({ message, extensions }: GraphQLError): string {
  try {
    return JSON.stringify([message, extensions]);
  } catch {
    // Of a guard of the server's own, with extensions that are no JSON.
    return message;
  }
}
