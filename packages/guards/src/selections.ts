import { memoize1 } from '@graphql-tools/utils';
import {
  type DocumentNode,
  doTypesOverlap,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
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

/**
 * Finds the fragments of a document by their names, as graphql-js does: some servers take documents as JSON, in which a
 * name can be the list `["F"]`, and that is looked up as `F`. It is kept for as long as the document is.
 */
export const findFragmentIn = memoize1(({ definitions }: DocumentNode): FindFragment => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    fragments.set(String(definition.name.value), definition);
  }
  return (name) => fragments.get(String(name));
});

/**
 * The fields that a selection set selects on an object type, through fragments of any depth, each fragment once. Fields
 * under `@skip` and `@include` count.
 *
 * @example
 * const mutation = schema.getMutationType();
 * const fields = mutation ? fieldsOn(schema, mutation, operation.selectionSet, () => undefined) : [];
 * console.log(fields.map(({ name }) => name.value)); // [ 'remove' ]
 */
export function fieldsOn(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  selectionSet: SelectionSetNode,
  findFragment: FindFragment,
): FieldNode[] {
  const seen = new Set<FragmentDefinitionNode>();
  const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOfFragment(selection);
      const fragment = findFragment(selection.name.value);
      if (!fragment || seen.has(fragment)) return [];
      seen.add(fragment);
      return fieldsOfFragment(fragment);
    });
  const fieldsOfFragment = (fragment: InlineFragmentNode | FragmentDefinitionNode) =>
    applies(schema, fragment, type) ? fieldsOf(fragment.selectionSet) : [];
  return fieldsOf(selectionSet);
}

/** Whether a fragment applies to values of an object type. */
export function applies(
  schema: GraphQLSchema,
  { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
  type: GraphQLObjectType,
): boolean {
  if (!typeCondition) return true;
  const condition = schema.getType(typeCondition.name.value);
  if (!isObjectType(condition) && !isAbstractType(condition)) return false;
  return doTypesOverlap(schema, condition, type);
}
