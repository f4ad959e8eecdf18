import { isIP } from 'node:net';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import { loadUserOfApiToken } from './apiToken/apiToken.ts';
import {
  type Authenticated as AuthenticatedCaller,
  type Authentication,
  authenticate,
  type Bearer,
  readBearer,
  type Tokens,
} from './auth/index.ts';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import { loadUser } from './session/caller.ts';
import type { Throttle } from './throttle/throttle.ts';
import type { UserRow } from './user/table.ts';

/** What every resolver is given. */
export interface Context {
  readonly database: Database;
  readonly config: Config;
  readonly tokens: Tokens;
  readonly log: FastifyBaseLogger;
  /** The moment of the request: the same for everything that it does. */
  readonly now: Date;
  readonly client: Client;
  readonly throttle: Throttle;
  /** What the Authorization header holds, not yet looked at. */
  readonly bearer: Bearer;
  /** Who the caller is; null in a request in which it does not matter. */
  readonly authentication: Authentication<UserRow> | null;
  /** The user who is signed in; null when the caller is anonymous, rejected, or not looked at. */
  readonly user: UserRow | null;
}

/** Where a request comes from. */
export interface Client {
  readonly ip: string;
  readonly userAgent: string | null;
}

/** The context in a field that its directive lets only signed-in users reach: its user is never null. */
export type Authenticated<AnyContext> = Omit<AnyContext, 'authentication' | 'user'> & {
  readonly authentication: AuthenticatedCaller<UserRow>;
  readonly user: UserRow;
};

/** The context with the one thing that happens to it: finding out who the caller is. */
export interface RequestContext extends Context {
  /** Verifies the token and loads its user. A bad token makes it `rejected`; only a failing database throws. */
  authenticate(): Promise<void>;
}

export type Services = Pick<Context, 'database' | 'config' | 'tokens' | 'throttle'> & {
  clock: () => Date;
};

export function createContext(
  { clock, ...services }: Services,
  request: FastifyRequest,
): RequestContext {
  const now = clock();
  const bearer = readBearer(authorizationHeaders(request));
  return {
    ...services,
    log: request.log,
    now,
    client: {
      ip: addressOf(request),
      userAgent: request.headers['user-agent']?.slice(0, 256) ?? null,
    },
    bearer,
    authentication: null,
    user: null,
    async authenticate(this: { -readonly [Key in keyof Context]: Context[Key] }) {
      const { database, tokens } = services;
      this.authentication = await authenticate(bearer, {
        tokens,
        now,
        loaders: {
          loadUser: (claims) => loadUser(database, claims, now),
          loadUserOfApiToken: (hash) => loadUserOfApiToken(database, hash, now),
        },
      });
      this.user = this.authentication.status === 'authenticated' ? this.authentication.user : null;
    },
  };
}

// `headers` keeps only the first of several Authorization lines, and the second must not pass unseen.
function authorizationHeaders({ raw, headers }: FastifyRequest): readonly string[] {
  return raw.headersDistinct?.['authorization'] ?? [headers.authorization ?? ''];
}

// A proxy that is trusted passes on what it was sent, and some add a port. What is no address counts as the proxy's.
function addressOf({ ip, socket }: FastifyRequest): string {
  const address = isIP(ip) ? ip : ip.replace(/^\[?([^\]]*?)\]?:\d+$/, '$1');
  return isIP(address) ? address : (socket.remoteAddress ?? '');
}
