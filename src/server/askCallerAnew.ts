import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../context.ts';

/**
 * Makes each mutation of an operation but the first find out anew who the caller is, and judge that as its guards do:
 * the ones before it may have ended the session, deleted the account or taken its rights.
 */
export function askCallerAnew(schema: GraphQLSchema): GraphQLSchema {
  const begun = new WeakSet<RequestContext>();
  return mapSchema(schema, {
    [MapperKind.MUTATION_ROOT_FIELD]: (field, name) => {
      const resolve = field.resolve ?? defaultFieldResolver;
      return {
        ...field,
        async resolve(source, args, context: RequestContext, info) {
          const check = info.parentType.getFields()[name]?.extensions.access?.check;
          if (begun.has(context) && check) {
            await context.authenticate();
            const refusal = context.authentication && check(context.authentication);
            if (refusal !== null) throw refusal;
          }
          begun.add(context);
          return await resolve(source, args, context, info);
        },
      };
    },
  });
}
