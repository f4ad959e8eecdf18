import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { listSize } from './listSize.ts';

/** What an operation has, its fragments written out wherever they are used, whatever `@skip` and `@include` say. */
export interface DocumentCounts {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly recursiveSelections: number;
  readonly cost: number;
}

/** Where a selection stands: on which type, and in the page of which size, if no list has taken it for its own yet. */
interface Place {
  readonly typeName: string | undefined;
  readonly pageSize: number | null;
}

interface Parent {
  readonly selectionSet?: SelectionSetNode | undefined;
}

const nothing: DocumentCounts = {
  depth: 0,
  aliases: 0,
  directives: 0,
  recursiveSelections: 0,
  cost: 0,
};

/**
 * Makes a function that counts what an operation of a document has. Each fragment is counted once for each size of page
 * that it is used in, and its counts are added at each use: fragments that spread to 2^24 selections are counted in the
 * time that it takes to read them. The document need not be valid: a field that is not in the schema costs 1, and a
 * fragment that spreads itself counts once.
 */
export function createCounter(
  schema: GraphQLSchema,
  findFragment: (name: string) => FragmentDefinitionNode | null | undefined,
): (operation: OperationDefinitionNode) => DocumentCounts {
  const fragments = new Map<string, DocumentCounts>();

  function countSelections({ selectionSet }: Parent, place: Place): DocumentCounts {
    let total = nothing;
    for (const selection of selectionSet?.selections ?? []) {
      total = add(total, countSelection(selection, place));
    }
    return total;
  }

  function countSelection(selection: SelectionNode, place: Place): DocumentCounts {
    const own = { ...nothing, directives: lengthOf(selection.directives), recursiveSelections: 1 };
    switch (selection.kind) {
      case Kind.FIELD:
        return add(own, countField(selection, place));
      case Kind.INLINE_FRAGMENT:
        return add(own, countSelections(selection, narrow(place, selection.typeCondition)));
      case Kind.FRAGMENT_SPREAD:
        return add(own, countFragment(selection.name.value, place));
    }
  }

  function countField(node: FieldNode, { typeName, pageSize }: Place): DocumentCounts {
    const field = findField(schema, typeName, node.name.value);
    const size = listSize(node, field, pageSize);
    const below = countSelections(node, {
      typeName: field && getNamedType(field.type).name,
      pageSize: size.ofPage,
    });
    const aliases = below.aliases + (node.alias ? 1 : 0);
    if (isIntrospection(node)) return { ...below, aliases, depth: 0, cost: 0 };
    return { ...below, aliases, depth: below.depth + 1, cost: 1 + size.ofList * below.cost };
  }

  function countFragment(name: string, place: Place): DocumentCounts {
    const key = `${name} ${place.pageSize}`;
    const known = fragments.get(key);
    const fragment = findFragment(name);
    if (known || !fragment) return known ?? nothing;
    fragments.set(key, nothing);
    const below = countSelections(fragment, narrow(place, fragment.typeCondition));
    const counts = add(below, { ...nothing, directives: lengthOf(fragment.directives) });
    fragments.set(key, counts);
    return counts;
  }

  return (operation) => {
    const typeName = schema.getRootType(operation.operation)?.name;
    const annotated = [operation, ...(operation.variableDefinitions ?? [])];
    const directives = annotated.reduce((sum, node) => sum + lengthOf(node.directives), 0);
    const below = countSelections(operation, { typeName, pageSize: null });
    return add(below, { ...nothing, directives });
  };
}

function add(left: DocumentCounts, right: DocumentCounts): DocumentCounts {
  return {
    depth: Math.max(left.depth, right.depth),
    aliases: sum(left.aliases, right.aliases),
    directives: sum(left.directives, right.directives),
    recursiveSelections: sum(left.recursiveSelections, right.recursiveSelections),
    cost: sum(left.cost, right.cost),
  };
}

// Sums stop at the largest exact integer. They never become infinite, because 0 × Infinity is NaN.
function sum(left: number, right: number): number {
  return Math.min(left + right, Number.MAX_SAFE_INTEGER);
}

function lengthOf(list: readonly unknown[] | undefined): number {
  return list?.length ?? 0;
}

function narrow(place: Place, typeCondition: NamedTypeNode | undefined): Place {
  return typeCondition ? { ...place, typeName: typeCondition.name.value } : place;
}

// `__typename` is not counted as introspection: every type has it, and it costs as much as any field.
function isIntrospection({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}

function findField(
  schema: GraphQLSchema,
  typeName: string | undefined,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  const type = typeName === undefined ? undefined : schema.getType(typeName);
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}
