import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  AuthError,
  type Authenticated,
  type Authentication,
  authGuards,
  guardSchema,
  signedIn,
} from '@sallyport/guards';
import {
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  parse,
} from 'graphql';

const directives = `
  directive @auth on FIELD_DEFINITION | OBJECT | INTERFACE
  directive @fresh(maxAge: Int) on FIELD_DEFINITION | OBJECT | INTERFACE
  directive @admin on FIELD_DEFINITION | OBJECT | INTERFACE
  directive @optionalAuth on FIELD_DEFINITION
  directive @public on FIELD_DEFINITION
  directive @verified on FIELD_DEFINITION | OBJECT | INTERFACE
`;
/** Those of the guards that look at more than the caller, for schemas that have them. */
export const sightDirectives = `
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE
  directive @self(argument: String!) on FIELD_DEFINITION
  directive @owner(field: String!, or: OwnerAlternative) on FIELD_DEFINITION | OBJECT | INTERFACE
  enum OwnerAlternative { ADMIN }
`;
export const guards = {
  ...authGuards({ freshSeconds: 300 }),
  verified: signedIn<{ verified: boolean }>(({ user }) =>
    user.verified ? null : new GraphQLError('Verify your address first.'),
  ),
};

type Resolvers = NonNullable<Parameters<typeof makeExecutableSchema>[0]['resolvers']>;

/** A schema with the directives, not guarded yet. */
export function unguardedSchema(typeDefs: string, resolvers: Resolvers = {}): GraphQLSchema {
  return makeExecutableSchema({ typeDefs: [directives, typeDefs], resolvers });
}

/** A schema as a server would serve it, with a guard of its own, `@verified`, behind ours. */
export function guardedSchema(typeDefs: string, resolvers: Resolvers = {}): GraphQLSchema {
  return guardSchema(unguardedSchema(typeDefs, resolvers), { guards });
}

/** A caller who sent a token of a session that has ended. */
export const rejected: Authentication = {
  status: 'rejected',
  error: new AuthError('TOKEN_REVOKED'),
};

/** A caller who is signed in, neither fresh nor an administrator. */
export function caller(change: Partial<Authenticated> = {}): Authenticated {
  return {
    status: 'authenticated',
    user: { verified: true },
    isAdmin: false,
    passwordAgeSeconds: null,
    claims: {
      sub: 'u',
      sid: 's',
      gen: 1,
      jti: 'j',
      iat: 0,
      exp: 900,
      auth_time: 0,
      fresh: false,
      additional: {},
    },
    ...change,
  };
}

/** Executes an operation whose resolvers are all synchronous, and returns the result as clients get it. */
export function run(
  schema: GraphQLSchema,
  query: string,
  authentication: Authentication | null,
  rootValue: unknown = {},
): ExecutionResult {
  const result = execute({
    schema,
    document: parse(query),
    contextValue: { authentication },
    rootValue,
  });
  if (result instanceof Promise) throw new Error('Expected a result at once.');
  return JSON.parse(JSON.stringify(result));
}

/** The errors of a result as clients see them: code, reason and message together. */
export function failures({ errors = [] }: ExecutionResult) {
  const formatted = errors as readonly GraphQLFormattedError[];
  return formatted.map(({ message, extensions }) => ({ ...extensions, message }));
}
