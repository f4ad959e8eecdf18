import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  GraphQLScalarType,
  type GraphQLSchema,
  GraphQLSpecifiedByDirective,
  getDirectiveValues,
} from 'graphql';

/**
 * Keeps the description and the `@specifiedBy` that the SDL has for a scalar. `makeExecutableSchema` replaces
 * both with those of the library that the scalar comes from, also where the library has none.
 */
export function scalarsAsWritten(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.SCALAR_TYPE]: (scalar) => {
      if (!scalar.astNode) return undefined;
      const specifiedBy = getDirectiveValues(GraphQLSpecifiedByDirective, scalar.astNode);
      return new GraphQLScalarType({
        ...scalar.toConfig(),
        description: scalar.astNode.description?.value ?? scalar.description,
        specifiedByURL: (specifiedBy?.['url'] as string | undefined) ?? scalar.specifiedByURL,
      });
    },
  });
}
