import {
  AuthError,
  authGuards,
  type CoordinateAccess,
  type Guard,
  type Guards,
  guardSchema,
  mapAccess,
  printRequirement,
} from '@sallyport/guards/judge';
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';

/** What the server says of who may reach what, at `/graphql/access.json`. */
export interface AccessDocument {
  readonly schema: string;
  readonly freshSeconds: number;
  readonly ownGuards: readonly string[];
  readonly refusedAnonymous: Readonly<
    Record<string, { message: string; extensions: Record<string, unknown> } | null>
  >;
}

/** A schema with the guards of the server that serves it. */
export interface OpenedAccess {
  readonly schema: GraphQLSchema;
  readonly guards: Guards;
  readonly freshSeconds: number;
  /** Who can reach each field. It is made when it is asked for first. */
  readonly map: () => readonly CoordinateAccess[];
}

/**
 * Guards the schema of a server as the server does, by the same engine. Of the server's own guards it knows what they
 * say of a caller without a token; for a user they stay open, and `explainOperation` says that it depends on them.
 */
export function openAccess(document: AccessDocument): OpenedAccess {
  const { freshSeconds, ownGuards, refusedAnonymous } = document;
  const own = ownGuards.map((name): [string, Guard] => [name, ownGuard(name, refusedAnonymous)]);
  const guards = { ...authGuards({ freshSeconds }), ...Object.fromEntries(own) };
  const built = buildSchema(document.schema);
  const others = built.getDirectives().flatMap(({ name }) => (name in guards ? [] : [name]));
  const schema = guardSchema(built, { guards, others });
  let map: readonly CoordinateAccess[] | null = null;
  return {
    schema,
    guards,
    freshSeconds,
    map() {
      map ??= mapAccess(schema, { guards });
      return map;
    },
  };
}

function ownGuard(directive: string, refusedAnonymous: AccessDocument['refusedAnonymous']): Guard {
  return (authentication, args) => {
    if (authentication.status === 'rejected') return authentication.error;
    if (authentication.status === 'authenticated') return null;
    const written = printRequirement({ directive, args });
    const refusal = refusedAnonymous[written];
    // Of a requirement that the server did not speak of, nothing good is assumed.
    if (refusal === undefined) return new AuthError('TOKEN_MISSING');
    return refusal && new GraphQLError(refusal.message, { extensions: refusal.extensions });
  };
}
