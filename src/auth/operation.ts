import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Authentication } from './authentication.ts';
import { requirementsOf } from './directives.ts';
import { type Check, combineGuards, type Guards } from './guards.ts';

/** What an operation asks of its caller. It depends on the document alone, so it can be kept with it. */
export interface OperationAccess {
  readonly operation: OperationDefinitionNode;
  /** Every field that a caller could be refused, at whatever depth and on whatever type. */
  readonly guarded: readonly FieldAccess[];
  /** The fields of the operation's root; those that refuse nobody have no check. */
  readonly root: readonly { readonly node: FieldNode; readonly check: Check | null }[];
}

interface FieldAccess {
  readonly node: FieldNode;
  readonly check: Check;
}

/**
 * Finds what an operation asks of its caller. Fragments count, and so do fields under `@skip` and `@include`: their
 * values are not known here. A field of an interface or union counts for each type it could be.
 */
export function describeAccess(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  guards: Guards,
): OperationAccess {
  const guarded: FieldAccess[] = [];
  const typeInfo = new TypeInfo(schema);
  visit(
    separateOperations(document)[operation.name?.value ?? ''] ?? document,
    visitWithTypeInfo(typeInfo, {
      Field(node) {
        const parent = typeInfo.getParentType();
        const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent];
        for (const type of types) {
          const requirements = isObjectType(type) ? requirementsOf(type, node.name.value) : [];
          if (requirements.length > 0) {
            guarded.push({ node, check: combineGuards(requirements, guards) });
          }
        }
      },
    }),
  );
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
  const checks = new Map(guarded.map(({ node, check }) => [node, check]));
  const root = rootFields(operation, (name) => fragments.get(name)).map((node) => ({
    node,
    check: checks.get(node) ?? null,
  }));
  return { operation, guarded, root };
}

/**
 * Decides whether an operation may begin: the errors with which it is refused whole, or none. A mutation is refused
 * when anything in it would be, its payload included, so that nothing half-happens. A query or subscription is refused
 * when each of its root fields would be; the rest is left to the resolvers, of which some may never run.
 */
export function judgeOperation(
  { operation, guarded, root }: OperationAccess,
  authentication: Authentication,
): GraphQLError[] {
  if (operation.operation === OperationTypeNode.MUTATION) return refusals(guarded, authentication);
  const asking = root.filter((field) => field.check !== null) as FieldAccess[];
  const refused = refusals(asking, authentication);
  const isOpen = root.some(({ check }) => check === null || check(authentication) === null);
  return isOpen ? [] : refused;
}

// Alike errors become one, with the places of them all.
function refusals(fields: readonly FieldAccess[], authentication: Authentication): GraphQLError[] {
  const places = new Map<string, { refusal: GraphQLError; nodes: Set<FieldNode> }>();
  for (const { node, check } of fields) {
    const refusal = check(authentication);
    if (!refusal) continue;
    const key = JSON.stringify([refusal.message, refusal.extensions]);
    const place = places.get(key) ?? { refusal, nodes: new Set() };
    places.set(key, place);
    place.nodes.add(node);
  }
  return [...places.values()].map(
    ({ refusal: { message, extensions }, nodes }) =>
      new GraphQLError(message, { nodes: [...nodes], extensions }),
  );
}

/** The fields at the root of an operation, through fragments of any depth; each fragment once. */
export function rootFields(
  operation: OperationDefinitionNode,
  findFragment: (name: string) => FragmentDefinitionNode | null | undefined,
): FieldNode[] {
  const seen = new Set<string>();
  const fieldsOf = ({ selections }: OperationDefinitionNode['selectionSet']): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet);
      if (seen.has(selection.name.value)) return [];
      seen.add(selection.name.value);
      const fragment = findFragment(selection.name.value);
      return fragment ? fieldsOf(fragment.selectionSet) : [];
    });
  return fieldsOf(operation.selectionSet);
}
