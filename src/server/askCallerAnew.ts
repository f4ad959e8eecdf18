import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { accessOf, judgeField } from '@sallyport/guards';
import { defaultFieldResolver, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { keepCaller, type RequestContext } from '../context.ts';

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
          const access = accessOf(info.parentType, name);
          if (begun.has(context) && access?.check) {
            await keepCaller(context, OperationTypeNode.MUTATION);
            const { authentication } = context;
            const refusal =
              authentication && judgeField(access, authentication, { args, object: source });
            if (refusal !== null) throw refusal;
          }
          begun.add(context);
          return await resolve(source, args, context, info);
        },
      };
    },
  });
}
