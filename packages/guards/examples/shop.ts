import { randomBytes } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { createGate, type Gate, type GateContext } from '@sallyport/guards';

const typeDefs = /* GraphQL */ `
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

interface User {
  readonly id: string;
  readonly username: string;
  readonly isAdmin: boolean;
  readonly active: boolean;
  /** The sessions that have not ended. */
  readonly sessions: readonly string[];
}

/** In place of a database. */
const users: readonly User[] = [
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

function findUser(_root: unknown, _args: unknown, { authentication }: GateContext<User>) {
  return authentication.status === 'authenticated' ? authentication.user : null;
}

/** Resolvers check nothing: the guards stand before them. */
const resolvers = {
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

/** What the servers serve: a shop like any other, with directives that say who may reach what. */
export const gate: Gate<User> = createGate({
  typeDefs,
  resolvers,
  secret: process.env['JWT_SECRET_KEY'] ?? randomBytes(32).toString('base64url'),
  async loadUser({ sub, sid }) {
    const user = users.find(({ id }) => id === sub);
    if (!user) return { reason: 'USER_NOT_FOUND' };
    if (!user.sessions.includes(sid)) return { reason: 'TOKEN_REVOKED' };
    return user.active ? { user, isAdmin: user.isAdmin } : { reason: 'USER_INACTIVE' };
  },
});

export const port = Number(process.env['PORT'] ?? 4000);

/** Says where the server is, and gives a token of each user to try it with, in place of a sign-in. */
export function announce(url: string): void {
  console.log(`The shop is at ${url}`);
  for (const { id, username, sessions } of users) {
    const token = gate.signAccess({ sub: id, sid: sessions[0] ?? '' });
    console.log(`${username}: Bearer ${token}`);
  }
}
