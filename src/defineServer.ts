import type { ApolloServerPlugin } from '@apollo/server';
import type { IResolvers } from '@graphql-tools/utils';
import { type Guard, isGuard, type Refused } from '@sallyport/guards';
import type { FastifyPluginAsync, FastifyPluginCallback, FastifyRequest } from 'fastify';
import type { ClaimsFunction } from './additionalClaims.ts';
import type { Context } from './context.ts';
import type { Database } from './database/database.ts';
import type { UserOfIssuer } from './userOfIssuer.ts';

/** A part of an API: its SDL, and what resolves it. */
export interface Feature {
  /** A file of SDL, or several. A path is relative to the folder in which the commands run. */
  readonly schema: string | URL | readonly (string | URL)[];
  /** The type that graphql-codegen writes fits, and so does any map of resolvers that graphql-tools takes. */
  readonly resolvers?: IResolvers;
}

/**
 * Says an error to people, in place of the server: the message to send, or null to keep the server's. `reason` is
 * `extensions.reason`, or `extensions.code` of an error without one. It cannot change code or reason.
 */
export type Messages = (
  reason: string,
  details: MessageDetails,
  request: FastifyRequest,
) => string | null;

/**
 * Is told of each refusal, once for each field of a request, and of those that a guard in dry run would give. At the
 * first door there is no context yet. It decides nothing, and must not throw.
 */
export type TellRefusal = (refused: Refused, context: Context | null) => void;

/** The server's own message, and the other `extensions` of the error: `maxAge`, `retryAfter`, `argument`. */
export interface MessageDetails {
  readonly message: string;
  readonly [extension: string]: unknown;
}

/** The options with which a plugin of Fastify is registered. Plugins of Apollo Server have a context instead. */
export interface PluginOptions {
  readonly database: Database;
}

/** A plugin of Fastify, which is a function, or of Apollo Server, which is an object. */
export type ServerPlugin =
  | FastifyPluginAsync<PluginOptions>
  | FastifyPluginCallback<PluginOptions>
  | ApolloServerPlugin<Context>;

export interface ServerOptions {
  readonly features?: readonly Feature[];
  /** By the names of their directives, checked behind the server's own in the order that they have here. */
  readonly guards?: Readonly<Record<string, Guard>>;
  /** What access tokens say of their users besides what the server needs. */
  readonly claims?: ClaimsFunction;
  /** Whose the tokens of the issuers are that TRUSTED_ISSUERS names. */
  readonly userOfIssuer?: UserOfIssuer;
  readonly onRefusal?: TellRefusal;
  readonly messages?: Messages;
  readonly plugins?: readonly ServerPlugin[];
  /**
   * The folder of the migrations that drizzle-kit writes. A path is relative to the folder in which the commands run.
   */
  readonly migrations?: string | URL;
}

/** A server of one's own, as the commands and `sallyport/test` take it. */
export interface ServerDefinition {
  readonly features: readonly Feature[];
  readonly guards: Readonly<Record<string, Guard>>;
  readonly claims: ClaimsFunction | null;
  readonly userOfIssuer: UserOfIssuer | null;
  readonly onRefusal: TellRefusal | null;
  readonly messages: Messages | null;
  readonly plugins: readonly ServerPlugin[];
  readonly migrations: string | URL | null;
}

/**
 * Defines a server: what the package serves, with features, guards, messages and plugins of one's own. Settings come
 * from the environment. The default export of `sallyport.config.ts` is what the commands work on.
 *
 * @throws TypeError naming the option that does not fit
 *
 * @example
 * const { features } = defineServer({ features: [{ schema: 'schema/note.graphql' }] });
 * console.log(features.length); // 1
 */
export function defineServer(options: ServerOptions = {}): ServerDefinition {
  const problem = findProblem(options);
  if (problem !== null) throw new TypeError(`defineServer: ${problem}`);
  const {
    features = [],
    guards = {},
    claims,
    userOfIssuer,
    onRefusal,
    messages,
    plugins = [],
    migrations,
  } = options;
  return {
    features,
    guards,
    claims: claims ?? null,
    userOfIssuer: userOfIssuer ?? null,
    onRefusal: onRefusal ?? null,
    messages: messages ?? null,
    plugins,
    migrations: migrations ?? null,
  };
}

const known = [
  'features',
  'guards',
  'claims',
  'userOfIssuer',
  'onRefusal',
  'messages',
  'plugins',
  'migrations',
];

// The compiler finds most of it, but not in a configuration in JavaScript.
function findProblem(options: ServerOptions): string | null {
  if (!isObject(options)) return 'the options must be an object.';
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    return `${unknown.join(', ')} is no option; there are ${known.join(', ')}.`;
  const {
    features = [],
    guards = {},
    claims,
    userOfIssuer,
    onRefusal,
    messages,
    plugins = [],
    migrations,
  } = options;
  if (!Array.isArray(features) || !features.every(isFeature)) {
    return 'features must be a list of { schema, resolvers }, in which schema names files of SDL.';
  }
  if (!isObject(guards) || !Object.values(guards).every(isGuard)) {
    return 'guards must be functions, or what argumentGuard and objectGuard make, by the names of their directives.';
  }
  if ((claims ?? null) !== null && typeof claims !== 'function') {
    return 'claims must be a function of a user.';
  }
  if ((userOfIssuer ?? null) !== null && typeof userOfIssuer !== 'function') {
    return 'userOfIssuer must be a function of a token.';
  }
  if ((onRefusal ?? null) !== null && typeof onRefusal !== 'function') {
    return 'onRefusal must be a function of a refusal.';
  }
  if ((messages ?? null) !== null && typeof messages !== 'function') {
    return 'messages must be a function of reason, details and request.';
  }
  if (!Array.isArray(plugins) || !plugins.every(isPlugin)) {
    return 'plugins must be a list of plugins of Fastify or Apollo Server.';
  }
  return (migrations ?? null) === null || isPath(migrations)
    ? null
    : 'migrations must be the path of a folder.';
}

function isFeature(feature: unknown): boolean {
  if (!isObject(feature)) return false;
  const { schema, resolvers } = feature as Partial<Feature>;
  const paths = [schema].flat();
  return (
    paths.length > 0 && paths.every(isPath) && (resolvers === undefined || isObject(resolvers))
  );
}

function isPlugin(plugin: unknown): boolean {
  return typeof plugin === 'function' || isObject(plugin);
}

function isPath(path: unknown): boolean {
  return (typeof path === 'string' && path !== '') || path instanceof URL;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
