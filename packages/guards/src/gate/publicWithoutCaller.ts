import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { anonymous, type GuardedContext } from '../authentication.ts';
import { keepAdditions } from '../keepAdditions.ts';
import type { DefaultResolvers } from '../stayGuarded.ts';

type Resolver = GraphQLFieldResolver<unknown, GuardedContext>;

/**
 * Takes the caller out of the context of public fields. Who that is, is found out only when another field of the same
 * operation needs to know, so a public resolver that looked would answer differently from one operation to the next.
 */
export function publicWithoutCaller(
  schema: GraphQLSchema,
  {
    fieldResolver = defaultFieldResolver,
    subscribeFieldResolver = defaultFieldResolver,
  }: Partial<DefaultResolvers>,
): GraphQLSchema {
  const mapped = mapSchema(schema, {
    [MapperKind.ROOT_FIELD]: (field, _name, typeName) => {
      if (!getDirective(schema, field, 'public')) return undefined;
      const isSource = typeName === schema.getSubscriptionType()?.name;
      const subscribe = withoutCaller(field.subscribe ?? subscribeFieldResolver);
      return {
        ...field,
        resolve: withoutCaller(field.resolve ?? fieldResolver),
        ...(isSource && { subscribe }),
      };
    },
  });
  keepAdditions(schema, mapped);
  return mapped;
}

function withoutCaller(resolver: Resolver): Resolver {
  return (source, args, context, info) => resolver(source, args, hideCaller(context), info);
}

// The same context in all else: what a resolver puts there is there for those behind it.
function hideCaller(context: GuardedContext): GuardedContext {
  if (typeof context !== 'object' || context === null) return context;
  return new Proxy(context, {
    get: (target, key) => (key === 'authentication' ? anonymous : Reflect.get(target, key, target)),
  });
}
