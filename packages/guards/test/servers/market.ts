import { setTimeout as wait } from 'node:timers/promises';
import { createGate, type Gate, type GateContext, toSeconds } from '../../src/index.ts';

interface User {
  readonly id: string;
}

/** What the tests add to the context by the server's own means. */
export type Context = GateContext<User> & { readonly tenant?: string };

/** A gate, whatever of it ran, and a way to be somebody. */
export interface Market {
  readonly gate: Gate<User>;
  /** The root fields whose resolvers ran, or whose sources opened. */
  readonly ran: string[];
  /** How often a user was loaded. */
  readonly loaded: string[];
}

const typeDefs = `
  type Query {
    time: String @public
    caller: String @public
    viewer: String @optionalAuth
    me: String @auth
    tenant: String @auth
    secret: String @admin
    mine(of: ID = "1"): String @self(argument: "of")
  }
  type Mutation {
    open: Int @public
    save: Int @auth
    remove: Int @admin
  }
  type Subscription {
    openTicks: Int @public
    ticks: Int @auth
    mineTicks(of: ID = "1"): Int @self(argument: "of")
  }
`;

export function createMarket(): Market {
  const ran: string[] = [];
  const loaded: string[] = [];
  const run =
    (name: string, value: unknown = name) =>
    () => {
      ran.push(name);
      return value;
    };
  const status = (_root: unknown, _args: unknown, { authentication }: Context) =>
    authentication.status;
  const tick = (name: string) => ({
    async *subscribe() {
      ran.push(name);
      // Servers answer before the first event comes.
      await wait(1);
      yield { [name]: 1 };
    },
  });
  const gate = createGate<User>({
    typeDefs,
    resolvers: {
      Query: {
        time: run('time'),
        caller: status,
        viewer: status,
        me: run('me'),
        tenant: (_root: unknown, _args: unknown, { tenant }: Context) => tenant,
        secret: run('secret'),
        mine: run('mine'),
      },
      Mutation: { open: run('open', 1), save: run('save', 1), remove: run('remove', 1) },
      Subscription: {
        openTicks: tick('openTicks'),
        ticks: tick('ticks'),
        mineTicks: tick('mineTicks'),
      },
    },
    secret: 'at least 32 bytes, from the environment',
    realm: 'market',
    async loadUser({ sub, sid }) {
      loaded.push(sub);
      return sid === 'ended'
        ? { reason: 'TOKEN_REVOKED' }
        : { user: { id: sub }, isAdmin: sub === '2' };
    },
  });
  return { gate, ran, loaded };
}

export type Caller = 'anonymous' | 'malformed' | 'expired' | 'revoked' | 'plain' | 'admin';

/** What a caller sends as `Authorization`. */
export function authorizationOf(caller: Caller, gate: Gate<User>): string | undefined {
  switch (caller) {
    case 'anonymous':
      return undefined;
    case 'malformed':
      return 'Bearer two words';
    case 'expired': {
      const iat = toSeconds(new Date()) - 1000;
      const times = { iat, exp: iat + 900, auth_time: iat };
      const claims = { sub: '1', sid: 'laptop', gen: 0, ...times, fresh: true };
      return `Bearer ${gate.tokens.signAccess(claims)}`;
    }
    case 'revoked':
      return `Bearer ${gate.signAccess({ sub: '1', sid: 'ended' })}`;
    case 'plain':
      return `bearer ${gate.signAccess({ sub: '1', sid: 'laptop' })}`;
    case 'admin':
      return `Bearer ${gate.signAccess({ sub: '2', sid: 'desk' })}`;
  }
}
