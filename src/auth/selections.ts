import {
  type DocumentNode,
  doTypesOverlap,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** The object types that a field of a type can lead to: of an interface or union each of its types. */
export function possibleTypes(
  schema: GraphQLSchema,
  fieldType: GraphQLOutputType,
): readonly GraphQLObjectType[] {
  const type = getNamedType(fieldType);
  if (isAbstractType(type)) return schema.getPossibleTypes(type);
  return isObjectType(type) ? [type] : [];
}

export type FindFragment = (name: string) => FragmentDefinitionNode | null | undefined;

/** Finds the fragments of a document by their names. */
export function findFragmentIn({ definitions }: DocumentNode): FindFragment {
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
  return (name) => fragments.get(name);
}

export type Fragment = InlineFragmentNode | FragmentDefinitionNode;

/** The fragment that a selection is or names. */
export function resolveFragment(
  selection: InlineFragmentNode | FragmentSpreadNode,
  findFragment: FindFragment,
): Fragment | null | undefined {
  return selection.kind === Kind.INLINE_FRAGMENT ? selection : findFragment(selection.name.value);
}

/** Whether a fragment applies to values of an object type. */
export function applies(
  schema: GraphQLSchema,
  { typeCondition }: Fragment,
  type: GraphQLObjectType,
): boolean {
  if (!typeCondition) return true;
  const condition = schema.getType(typeCondition.name.value);
  if (!isObjectType(condition) && !isAbstractType(condition)) return false;
  return doTypesOverlap(schema, condition, type);
}

/** The fields at the root of an operation, through fragments of any depth; each fragment once. */
export function rootFields(
  operation: OperationDefinitionNode,
  findFragment: FindFragment,
): FieldNode[] {
  const seen = new Set<FragmentDefinitionNode>();
  const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      const part = resolveFragment(selection, findFragment);
      if (!part) return [];
      if (part.kind === Kind.FRAGMENT_DEFINITION) {
        if (seen.has(part)) return [];
        seen.add(part);
      }
      return fieldsOf(part.selectionSet);
    });
  return fieldsOf(operation.selectionSet);
}
