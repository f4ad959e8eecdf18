import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Context, Public } from '../context.ts';

/**
 * Takes the caller out of the context of public fields. The caller is found out only when another field of the same
 * operation needs to know, so a public resolver that looked at the caller would answer differently from one operation
 * to the next.
 */
export function publicWithoutCaller(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.ROOT_FIELD]: (field) => {
      if (!getDirective(schema, field, 'public')) return undefined;
      const resolve = field.resolve ?? defaultFieldResolver;
      return {
        ...field,
        resolve(source, args, context: Context, info) {
          const open: Public<Context> = { ...context, authentication: null, user: null };
          return resolve(source, args, open, info);
        },
      };
    },
  });
}
