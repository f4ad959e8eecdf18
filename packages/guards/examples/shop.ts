import { EventEmitter, on } from 'node:events';
import type { Authentication } from '@sallyport/guards';

/** What the three servers serve: a shop like any other, with directives that say who may reach what. */
export const typeDefs = /* GraphQL */ `
  type User @auth {
    id: ID!
    username: String!
    isAdmin: Boolean!
    active: Boolean @admin
  }
  type Item {
    name: String!
    price: Float @auth
  }
  type ItemConnection {
    edges: [ItemEdge!]!
  }
  type ItemEdge {
    node: Item!
  }
  type Query {
    serverTime: String @public
    viewer: User @optionalAuth
    me: User @auth
    item(name: String!): Item @auth
    items: ItemConnection @optionalAuth
  }
  type Mutation {
    createItem(name: String!, price: Float!): Item @fresh
    updateItem(name: String!, price: Float!): Item @auth
    deleteItem(name: String!): Boolean @admin
  }
  type Subscription {
    itemUpdated: Item @auth
  }
`;

export interface User {
  readonly id: string;
  readonly username: string;
  readonly isAdmin: boolean;
  readonly active: boolean;
  /** The sessions that have not ended. */
  readonly sessions: readonly string[];
}

/** In place of a database. */
export const users: readonly User[] = [
  { id: '1', username: 'ada', isAdmin: false, active: true, sessions: ['laptop'] },
  { id: '2', username: 'root', isAdmin: true, active: true, sessions: ['desk'] },
  { id: '3', username: 'carl', isAdmin: false, active: false, sessions: ['phone'] },
];
const items = new Map([['chair', 4.5]]);
const updates = new EventEmitter();

interface Item {
  readonly name: string;
  readonly price: number;
}

function keepItem(_root: unknown, item: Item): Item {
  items.set(item.name, item.price);
  updates.emit('item', item);
  return item;
}

function findUser(_root: unknown, _args: unknown, context: { authentication: Authentication }) {
  const { authentication } = context;
  return authentication.status === 'authenticated' ? authentication.user : null;
}

/** Resolvers check nothing: the guards stand before them. */
export const resolvers = {
  Query: {
    serverTime: () => new Date().toISOString(),
    viewer: findUser,
    me: findUser,
    item: (_root: unknown, { name }: Item) => ({ name, price: items.get(name) }),
    items: () => ({ edges: [...items].map(([name, price]) => ({ node: { name, price } })) }),
  },
  Mutation: {
    createItem: keepItem,
    updateItem: keepItem,
    deleteItem: (_root: unknown, { name }: Item) => items.delete(name),
  },
  Subscription: {
    itemUpdated: { subscribe: () => on(updates, 'item'), resolve: ([item]: [Item]) => item },
  },
};
