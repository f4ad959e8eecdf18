import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { anonymous, authGuards, type Guards, printRequirement } from '@sallyport/guards';
import { toKind } from '@sallyport/guards/judge';
import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';

/** What the page at /graphql judges operations by: all that introspection does not show of who may reach what. */
export interface AccessDocument {
  /** The SDL of the API with its directives, and with what each field requires in its description. */
  readonly schema: string;
  /** For how many seconds after a password check `@fresh` passes where it has no `maxAge`. */
  readonly freshSeconds: number;
  /** The names of the server's own guards, in the order in which they are checked. */
  readonly ownGuards: readonly string[];
  /**
   * With what each requirement of those refuses a caller without a token, by how it is written, `@owner(of: "item")`;
   * null where it does not. What it says of a user, only the server knows.
   */
  readonly refusedAnonymous: Readonly<Record<string, RefusedAnonymous | null>>;
}

export interface RefusedAnonymous {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Describes who may reach what in a guarded schema, for a program that has the engine and not the server. */
export function accessDocument(
  schema: GraphQLSchema,
  { guards, freshSeconds }: { guards: Guards; freshSeconds: number },
): AccessDocument {
  const known = authGuards({ freshSeconds });
  const ownGuards = Object.keys(guards).filter((name) => !(name in known));
  const requirements = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) => Object.values(type.getFields()))
    .flatMap((field) => field.extensions.access?.requirements ?? [])
    .filter(({ directive }) => ownGuards.includes(directive));
  const refusedAnonymous = requirements.map((requirement) => {
    const refusal =
      toKind(guards[requirement.directive])?.ofCaller(anonymous, requirement.args) ?? null;
    const { message, extensions } = refusal ?? {};
    return [printRequirement(requirement), refusal && { message, extensions }];
  });
  return {
    schema: printSchemaWithDirectives(schema),
    freshSeconds,
    ownGuards,
    refusedAnonymous: Object.fromEntries(refusedAnonymous),
  };
}
