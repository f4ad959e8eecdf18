import { buildASTSchema, type GraphQLSchema } from 'graphql';
import { type GuardSettings, guardSchema } from '../guardSchema.ts';
import { publicWithoutCaller } from './publicWithoutCaller.ts';
import { joinTypeDefs, type TypeDefs } from './typeDefinitions.ts';
import { type Resolvers, withResolvers } from './withResolvers.ts';

/** What a gate is made of: type definitions with resolvers by type and field, or a schema. */
export type SchemaSource =
  | { readonly typeDefs: TypeDefs; readonly resolvers?: Resolvers; readonly schema?: undefined }
  | {
      readonly schema: GraphQLSchema;
      readonly typeDefs?: undefined;
      readonly resolvers?: undefined;
    };

/** Makes the schema, if it is not made already, and puts the guards on last. */
export function buildGuarded(source: SchemaSource, settings: GuardSettings): GraphQLSchema {
  const { resolvers = {} } = source;
  const schema =
    source.schema ?? withResolvers(buildASTSchema(joinTypeDefs(source.typeDefs)), resolvers);
  return guardSchema(publicWithoutCaller(schema, settings), settings);
}
