import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import type { GuardedContext } from './authentication.ts';
import { guardEntities } from './entities.ts';
import { guardResolver, isGuarding } from './guardResolver.ts';
import { tryResolver } from './tryResolver.ts';

/** The resolvers of fields that have none of their own, as `execute` and `subscribe` of graphql-js take them. */
export interface DefaultResolvers {
  readonly fieldResolver: GraphQLFieldResolver<unknown, GuardedContext>;
  readonly subscribeFieldResolver: GraphQLFieldResolver<unknown, GuardedContext>;
}

type Field = GraphQLField<unknown, GuardedContext>;
type Key = 'resolve' | 'subscribe';

// Where a field keeps the resolver that its accessor returns.
const keptResolve = Symbol('resolve');
const keptSubscribe = Symbol('subscribe');
const kept = { resolve: keptResolve, subscribe: keptSubscribe } as const;
type Kept = { [Each in (typeof kept)[Key]]: Field['resolve'] };

// One function each, with the name of the property in it: graphql-js reads it once for each item of a list.
const readers = {
  resolve(this: Kept) {
    return this[keptResolve];
  },
  subscribe(this: Kept) {
    return this[keptSubscribe];
  },
};

/**
 * Makes the guarded fields of a schema put their guard around each resolver that is assigned to them later. Servers do
 * that to add resolvers and loaders, to answer from a cache, and to measure.
 */
export function stayGuarded(schema: GraphQLSchema, defaults: DefaultResolvers): void {
  const accessors = {
    resolve: accessorOf('resolve', defaults.fieldResolver),
    subscribe: accessorOf('subscribe', defaults.subscribeFieldResolver),
  };
  const subscriptionType = schema.getSubscriptionType();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const fields = type.getFields();
    for (const [name, field] of Object.entries(fields)) {
      const { access, trial, entities } = field.extensions;
      const isGuarded = access !== undefined && isGuarding(access);
      if (!isGuarded && !trial && !entities) continue;
      const { resolve, subscribe } = accessors;
      const isSource = isGuarded && type === subscriptionType;
      fields[name] = withAccessors(field, isSource ? { resolve, subscribe } : { resolve });
    }
  }
}

/**
 * The same field with accessors in the place of some properties. It is a new object: where an accessor replaces a
 * property, or each field has an accessor of its own, V8 no longer knows what the fields have in common, and reading
 * any property of one takes several times as long.
 */
function withAccessors(field: Field, accessors: Partial<Record<Key, PropertyDescriptor>>): Field {
  const properties = { ...Object.getOwnPropertyDescriptors(field), ...accessors };
  const added: Record<symbol, PropertyDescriptor> = {};
  for (const key of ['resolve', 'subscribe'] as const) {
    if (accessors[key]) added[kept[key]] = { value: field[key], writable: true };
  }
  return Object.create(Object.getPrototypeOf(field), { ...properties, ...added });
}

function accessorOf(key: Key, fallback: DefaultResolvers['fieldResolver']): PropertyDescriptor {
  return {
    enumerable: true,
    configurable: true,
    get: readers[key],
    set(this: Field & Kept, assigned: Field['resolve']) {
      const { access, trial, entities } = this.extensions;
      const own = assigned ?? fallback;
      const tried = key === 'resolve' ? tryResolver(own, trial) : own;
      const isGuarded = access !== undefined && isGuarding(access);
      const guarded = isGuarded ? guardResolver(tried, access) : tried;
      this[kept[key]] = entities ? guardEntities(guarded, entities) : guarded;
    },
  };
}
