import {
  type DocumentNode,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { requirementsOf } from './directives.ts';

/**
 * Whether an operation selects any field for which it matters who the caller is. If not, the caller's token need not
 * be looked at. Fragments count, and so do fields under `@skip`: their value is not known here.
 */
export function needsAuthentication(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): boolean {
  const operation = separateOperations(document)[operationName ?? ''] ?? document;
  const typeInfo = new TypeInfo(schema);
  let needed = false;
  visit(
    operation,
    visitWithTypeInfo(typeInfo, {
      Field(node) {
        const parent = typeInfo.getParentType();
        const types = isObjectType(parent)
          ? [parent]
          : isAbstractType(parent)
            ? schema.getPossibleTypes(parent)
            : [];
        needed ||= types.some((type) => requirementsOf(type, node.name.value).length > 0);
      },
    }),
  );
  return needed;
}
