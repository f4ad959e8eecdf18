import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  type Authentication,
  authenticate,
  authGuards,
  authTypeDefs,
  createKeyRing,
  createTokens,
  describeAccess,
  guardSchema,
  judgeOperation,
  type Loaders,
  readBearer,
  toChallenge,
  toSeconds,
} from '@sallyport/guards';
import {
  type DefinitionNode,
  type DocumentNode,
  type GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { resolvers, typeDefs, type User, users } from './shop.ts';

const secret = process.env['JWT_SECRET_KEY'] ?? randomBytes(32).toString('base64url');
const tokens = createTokens({
  keys: createKeyRing({ secret }),
  issuer: 'sallyport',
  audience: 'sallyport',
  lifeSeconds: { access: 900, refresh: 1_209_600 },
  leewaySeconds: 10,
});

/** The second door: every resolver of a guarded field has its guard before it. */
export const schema = guardSchema(
  makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers }),
  { guards: authGuards({ freshSeconds: 300 }) },
);

/** What every resolver is given. */
export interface Context {
  readonly authentication: Authentication<User>;
  /** The media types that the client takes. */
  readonly accept: string;
}

const loaders: Loaders<User> = {
  async loadUser({ sub, sid }) {
    const user = users.find(({ id }) => id === sub);
    if (!user) return { reason: 'USER_NOT_FOUND' };
    if (!user.sessions.includes(sid)) return { reason: 'TOKEN_REVOKED' };
    return user.active ? { user, isAdmin: user.isAdmin } : { reason: 'USER_INACTIVE' };
  },
};

/** Finds out, once for each request, who the caller is. It refuses nobody: the doors do. */
export async function createContext(request: IncomingMessage): Promise<Context> {
  const bearer = readBearer(request.headersDistinct['authorization'] ?? []);
  const authentication = await authenticate(bearer, { tokens, now: new Date(), loaders });
  return { authentication, accept: request.headers.accept ?? '' };
}

/** How an operation is refused whole. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly GraphQLError[];
}

/** What a request asks to run, as it was sent. */
export interface Asked {
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The first door, before anything runs: how an operation is refused, or null when it may begin. */
export function refuse(
  document: DocumentNode,
  { operationName, variables }: Asked,
  { authentication, accept }: Context,
): Refusal | null {
  // Where it is not known which operation will run, as in a batch, each of them could.
  const operation = getOperationAST(document, operationName);
  const operations = operation ? [operation] : document.definitions.filter(isOperation);
  const errors = operations.flatMap((one) =>
    judgeOperation(describeAccess(schema, document, one), authentication, variables),
  );
  if (errors.length === 0) return null;
  // Under application/json the status tells about the request, and not about the operation.
  const type = 'application/graphql-response+json';
  if (!accept.includes(type)) return { status: 200, headers: {}, errors };
  const { status, authenticate: challenge } = toChallenge(errors, 'shop');
  const headers = { 'Content-Type': `${type}; charset=utf-8`, 'WWW-Authenticate': challenge };
  return { status, headers, errors };
}

function isOperation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION;
}

/** Says where the server is, and gives a token of each user to try it with, in place of a sign-in. */
export function announce(url: string): void {
  console.log(`The shop is at ${url}`);
  const now = toSeconds(new Date());
  for (const { id, username, sessions } of users) {
    const session = { sub: id, sid: sessions[0] ?? '', gen: 1 };
    const times = { iat: now, exp: now + 900, auth_time: now };
    console.log(`${username}: Bearer ${tokens.signAccess({ ...session, ...times, fresh: true })}`);
  }
}
