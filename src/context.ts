import { isIP } from 'node:net';
import {
  type AccessClaims,
  type Authenticated as AuthenticatedCaller,
  type Authentication,
  authenticate,
  type Bearer,
  type ClaimsToAdd,
  readBearer,
  type Tokens,
} from '@sallyport/guards';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { OperationTypeNode } from 'graphql';
import { additionalClaims, type ClaimsFunction } from './additionalClaims.ts';
import { loadUserOfApiToken } from './apiToken/apiToken.ts';
import type { Config } from './config/config.ts';
import type { Database, Transaction } from './database/database.ts';
import { withoutInvisible } from './input/invisible.ts';
import { identifyByCookie } from './server/identifyByCookie.ts';
import type { OperationRecord } from './server/requestLog.ts';
import { createTokenCookies, type TokenCookies } from './server/tokenCookies.ts';
import { loadUser } from './session/loadUser.ts';
import type { Throttle } from './throttle/throttle.ts';
import type { AccountTurns } from './user/accountTurns.ts';
import type { UserRow } from './user/table.ts';

/** What every resolver is given. */
export interface Context {
  readonly database: Database;
  readonly config: Config;
  readonly tokens: Tokens;
  /** What the tokens of a user say besides what the server needs. */
  readonly additionalClaims: (userId: string) => Promise<ClaimsToAdd>;
  readonly log: FastifyBaseLogger;
  /** The moment of the request: the same for everything that it does. */
  readonly now: Date;
  readonly client: Client;
  /**
   * Calls when nobody waits for the answer any more: the connection has closed, or an answer was sent. What it returns
   * stops that.
   */
  readonly onClientGone: (listener: () => void) => () => void;
  readonly throttle: Throttle;
  /** Has the work of one account, on this node, come one after the other. */
  readonly accountTurns: AccountTurns;
  /** What the Authorization header holds, not yet looked at. */
  readonly bearer: Bearer;
  /** The tokens that came in cookies, and those that go; null where they travel in headers alone. */
  readonly cookies: TokenCookies | null;
  /** Who the caller is; null in a request in which it does not matter. */
  readonly authentication: Authentication<UserRow> | null;
  /** The user who is signed in; null when the caller is anonymous, rejected, or not looked at. */
  readonly user: UserRow | null;
  /**
   * Finds out who the caller is, by a database as it is now. A bad token does not throw; only a failing database does.
   */
  readonly identify: (database: Database) => Promise<Authentication<UserRow>>;
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

/** The context in a field that anyone may reach: nobody is looked at there, whatever else the operation asks for. */
export type Public<AnyContext> = Omit<AnyContext, 'authentication' | 'user'> & {
  readonly authentication: null;
  readonly user: null;
};

/** The same in the middle of a transaction. */
export type InTransaction<AnyScene> = Omit<AnyScene, 'database'> & {
  readonly database: Transaction;
};

/** The context with the one thing that happens to it: finding out who the caller is. */
export interface RequestContext extends Context {
  /** Identifies the caller of such an operation, and keeps who that is in the context. */
  authenticate(operation: OperationTypeNode): Promise<void>;
  /** What the log is told of the operation when it is over. */
  readonly record: OperationRecord;
  readonly request: FastifyRequest;
}

export type Services = Pick<
  Context,
  'database' | 'config' | 'tokens' | 'throttle' | 'accountTurns'
> & {
  clock: () => Date;
  claimsOf: ClaimsFunction | null;
};

export function createContext(
  { clock, claimsOf, ...services }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): RequestContext {
  const { tokens } = services;
  const now = clock();
  const bearer = readBearer(authorizationHeaders(request));
  const record = { operation: null, errors: [], userId: null, sessionId: null };
  request.operationRecord = record;
  const { jwt, production, corsOrigins } = services.config;
  const cookies =
    jwt.cookies && createTokenCookies(request, jwt.cookies, { production, corsOrigins });
  // Until it is known that nothing is changed, the caller has to prove more.
  let isQuery = false;
  const identify = (database: Database) => {
    const loadUserNow = (claims: AccessClaims) => loadUser(database, claims, now);
    if (bearer === 'absent' && cookies && cookies.access !== 'absent') {
      return identifyByCookie(cookies, { tokens, now, isQuery, loadUser: loadUserNow });
    }
    return authenticate(bearer, {
      tokens,
      now,
      loaders: {
        loadUser: loadUserNow,
        loadUserOfApiToken: (hash) => loadUserOfApiToken(database, hash, now),
      },
    });
  };
  return {
    ...services,
    log: request.log,
    now,
    client: {
      ip: addressOf(request),
      userAgent: readUserAgent(request),
    },
    onClientGone(listener) {
      // Not Fastify's signal for a request: that one is given when the body has been read.
      const { raw } = reply;
      if (raw.closed) listener();
      raw.once('close', listener);
      return () => void raw.off('close', listener);
    },
    additionalClaims: (userId) =>
      additionalClaims(userId, { claimsOf, database: services.database, now }),
    bearer,
    cookies,
    authentication: null,
    user: null,
    record,
    identify,
    request,
    async authenticate(this: { -readonly [Key in keyof Context]: Context[Key] }, operation) {
      isQuery = operation === OperationTypeNode.QUERY;
      this.authentication = await identify(services.database);
      this.user = this.authentication.status === 'authenticated' ? this.authentication.user : null;
    },
  };
}

// It is shown to people, in browsers and terminals, who must not be fooled by what they cannot see.
function readUserAgent({ headers }: FastifyRequest): string | null {
  const sent = headers['user-agent']?.slice(0, 256);
  return sent === undefined ? null : withoutInvisible(sent);
}

// `headers` keeps only the first of several Authorization lines, and the second must not pass unseen.
function authorizationHeaders({ raw: { rawHeaders }, headers }: FastifyRequest): readonly string[] {
  if (headers.authorization === undefined) return [];
  return rawHeaders.filter(
    (_text, index) => index % 2 === 1 && isAuthorization(rawHeaders[index - 1] as string),
  );
}

function isAuthorization(name: string): boolean {
  return name.length === 'authorization'.length && name.toLowerCase() === 'authorization';
}

// A proxy that is trusted passes on what it was sent, and some add a port. What is no address counts as the proxy's.
function addressOf({ ip, socket }: FastifyRequest): string {
  const address = isIP(ip) ? ip : ip.replace(/^\[?([^\]]*?)\]?:\d+$/, '$1');
  return isIP(address) ? address : (socket.remoteAddress ?? '');
}
