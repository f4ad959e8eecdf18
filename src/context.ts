import { isIP } from 'node:net';
import {
  type AccessClaims,
  type Authenticated as AuthenticatedCaller,
  type Authentication,
  authenticate,
  type Bearer,
  type ClaimsToAdd,
  type Issuers,
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
import { loadUserOfIssuer, type UserOfIssuer, verifyOnce } from './userOfIssuer.ts';

/** What every resolver is given. */
export interface Context {
  readonly database: Database;
  readonly config: Config;
  readonly tokens: Tokens;
  /** The issuers whose tokens are taken besides our own; null where there are none. */
  readonly issuers: Issuers | null;
  /** What the tokens of a user say besides what the server needs. */
  readonly additionalClaims: (userId: string) => Promise<ClaimsToAdd>;
  readonly log: FastifyBaseLogger;
  /** The moment of the request: the same for everything that it does. */
  readonly now: Date;
  readonly client: Client;
  /**
   * Calls the listener when nobody waits for the answer any more: the connection has closed, or an answer was sent.
   * Returns a function that removes the listener.
   */
  readonly onClientGone: (listener: () => void) => () => void;
  readonly throttle: Throttle;
  /** Runs the work of one account, on this node, one piece after the other. */
  readonly accountTurns: AccountTurns;
  /** What the Authorization header holds, not yet looked at. */
  readonly bearer: Bearer;
  /** The tokens that came in cookies, and those that go; null where they travel in headers alone. */
  readonly cookies: TokenCookies | null;
  /** Who the caller is; null where no field of the operation depends on it. */
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

/** Who the caller is, as the context has it. */
export type Caller = Pick<Context, 'authentication' | 'user'>;

/** The context, with what the server itself needs. */
export interface RequestContext extends Context {
  /** Finds out who the caller of such an operation is. */
  readonly findCaller: (operation: OperationTypeNode) => Promise<Caller>;
  /** What the log is told of the operation when it is over. */
  readonly record: OperationRecord;
  readonly request: FastifyRequest;
}

/** Finds out who the caller of such an operation is, and keeps that in its context. Nothing else in it changes. */
export async function keepCaller(
  context: RequestContext,
  operation: OperationTypeNode,
): Promise<void> {
  Object.assign(context, await context.findCaller(operation));
}

export type Services = Pick<
  Context,
  'database' | 'config' | 'tokens' | 'issuers' | 'throttle' | 'accountTurns'
> & {
  readonly clock: () => Date;
  readonly claimsOf: ClaimsFunction | null;
  readonly userOfIssuer: UserOfIssuer | null;
};

export function createContext(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): RequestContext {
  const { database, config, tokens, throttle, accountTurns, clock, claimsOf, userOfIssuer } =
    services;
  const now = clock();
  const bearer = readBearer(authorizationHeaders(request));
  const { issuers } = services;
  const issuersOfBearer = issuers && verifyOnce(issuers);
  const record = { operation: null, errors: [], userId: null, sessionId: null, issuer: null };
  request.operationRecord = record;
  const { jwt, production, corsOrigins } = config;
  const cookies =
    jwt.cookies && createTokenCookies(request, jwt.cookies, { production, corsOrigins });
  const client = { ip: addressOf(request), userAgent: readUserAgent(request) };
  // Until the operation is known to be a query, a cookie counts only together with the CSRF token.
  let isQuery = false;
  const identify = (database: Database) => {
    const loadUserNow = (claims: AccessClaims) => loadUser(database, claims, now);
    if (bearer === 'absent' && cookies && cookies.access !== 'absent') {
      return identifyByCookie(cookies, { tokens, now, isQuery, loadUser: loadUserNow });
    }
    return authenticate(bearer, {
      tokens,
      issuers: issuersOfBearer,
      now,
      loaders: {
        loadUser: loadUserNow,
        loadUserOfApiToken: (hash) => loadUserOfApiToken(database, hash, now),
        ...(userOfIssuer && {
          loadUserOfIssuer: (token) =>
            loadUserOfIssuer(token, { userOfIssuer, database, log: request.log, now, client }),
        }),
      },
    });
  };
  return {
    database,
    config,
    tokens,
    issuers,
    throttle,
    accountTurns,
    log: request.log,
    now,
    client,
    onClientGone(listener) {
      // Not Fastify's signal for a request: that one is given when the body has been read.
      const { raw } = reply;
      if (raw.closed) listener();
      raw.once('close', listener);
      return () => void raw.off('close', listener);
    },
    additionalClaims: (userId) => additionalClaims(userId, { claimsOf, database, now }),
    bearer,
    cookies,
    authentication: null,
    user: null,
    record,
    identify,
    request,
    async findCaller(operation) {
      isQuery = operation === OperationTypeNode.QUERY;
      const authentication = await identify(database);
      return {
        authentication,
        user: authentication.status === 'authenticated' ? authentication.user : null,
      };
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

// A proxy that is trusted passes on what it was sent, and some add a port. Anything that is not an address is
// replaced by the address of the proxy.
function addressOf({ ip, socket }: FastifyRequest): string {
  const address = isIP(ip) ? ip : ip.replace(/^\[?([^\]]*?)\]?:\d+$/, '$1');
  return isIP(address) ? address : (socket.remoteAddress ?? '');
}
