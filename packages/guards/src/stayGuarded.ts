import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import type { GuardedContext } from './authentication.ts';
import { guardResolver, isGuarding } from './guardResolver.ts';
import { tryResolver } from './tryResolver.ts';

/** The resolvers of fields that have none of their own, as `execute` and `subscribe` of graphql-js take them. */
export interface DefaultResolvers {
  readonly fieldResolver: GraphQLFieldResolver<unknown, GuardedContext>;
  readonly subscribeFieldResolver: GraphQLFieldResolver<unknown, GuardedContext>;
}

/**
 * Makes the guarded fields of a schema put their guard around each resolver that is assigned to them later. Servers do
 * that to add resolvers and loaders, to answer from a cache, and to measure.
 */
export function stayGuarded(schema: GraphQLSchema, defaults: DefaultResolvers): void {
  const subscriptionType = schema.getSubscriptionType();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      stayAround(field, 'resolve', defaults.fieldResolver);
      if (type === subscriptionType) {
        stayAround(field, 'subscribe', defaults.subscribeFieldResolver);
      }
    }
  }
}

function stayAround(
  field: GraphQLField<unknown, GuardedContext>,
  key: 'resolve' | 'subscribe',
  fallback: DefaultResolvers['fieldResolver'],
): void {
  const { access, trial } = field.extensions;
  const isGuarded = access !== undefined && isGuarding(access);
  if (!isGuarded && !(trial && key === 'resolve')) return;
  let current = field[key];
  Object.defineProperty(field, key, {
    enumerable: true,
    configurable: true,
    get: () => current,
    set(assigned: typeof current) {
      const own = assigned ?? fallback;
      const tried = key === 'resolve' ? tryResolver(own, trial) : own;
      current = isGuarded ? guardResolver(tried, access) : tried;
    },
  });
}
