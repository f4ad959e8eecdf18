import type { GraphQLSchema } from 'graphql';
import type { ClaimsToAdd } from '../additionalClaims.ts';
import { authenticate, type Loaders } from '../authenticate.ts';
import type { Authentication } from '../authentication.ts';
import { readBearer } from '../bearer.ts';
import type { Issuers } from '../foreignTokens.ts';
import type { Guards } from '../guardKinds.ts';
import type { GuardSettings } from '../guardSchema.ts';
import { authGuards } from '../guards.ts';
import { createKeyRing, type KeyRing, type TokenKind } from '../keys.ts';
import type { IdOf } from '../ownership.ts';
import { createTokens, type TokenMemory, type Tokens, toSeconds } from '../tokens.ts';
import { type Admission, type Asked, admit } from './admit.ts';
import { checkGateSettings } from './gateSettings.ts';
import { buildGuarded, type SchemaSource } from './guardedSource.ts';

/** With what tokens are signed and verified: a secret of at least 32 bytes, or keys, as `createKeyRing` makes them. */
export type KeySource =
  | { readonly secret: string; readonly keys?: undefined }
  | { readonly keys: KeyRing | (() => KeyRing); readonly secret?: undefined };

/** What `createGate` takes. All but the schema, the keys and `loadUser` may be left out. */
export type GateSettings<User> = SchemaSource &
  KeySource &
  Loaders<User> & {
    /** Who signs the tokens: `sallyport`, if it is left out. */
    readonly issuer?: string;
    /** For whom they are; the issuer, if it is left out. */
    readonly audience?: string;
    /** What clients are told that they sign in to; the issuer, if it is left out. */
    readonly realm?: string;
    /** 900 and 1,209,600 seconds, if they are left out. */
    readonly lifeSeconds?: Partial<Readonly<Record<TokenKind, number>>>;
    /** 10 seconds, if it is left out. */
    readonly leewaySeconds?: number;
    readonly memory?: TokenMemory;
    /** Those whose tokens are taken besides, for the users that `loadUserOfIssuer` finds. */
    readonly issuers?: Issuers;
    /** For how long after a password check `@fresh` passes where it has no `maxAge`: 300 seconds, if it is left out. */
    readonly freshSeconds?: number;
    readonly idOf?: IdOf;
    /** Guards of your own: they stand behind those of `authGuards`. */
    readonly guards?: Guards;
    readonly clock?: () => Date;
  } & Omit<GuardSettings, 'guards'>;

/** Whose access token it is. */
export interface TokenHolder {
  /** The user's id: `loadUser` is given it. */
  readonly sub: string;
  /** The session's id. */
  readonly sid: string;
  readonly gen?: number;
  /** When the password was checked, if that was for an earlier token. Without it, it is now: the token is fresh. */
  readonly passwordCheckedAt?: Date;
}

/** A guarded schema, with all that its doors need. `useGate` of a server's own adapter puts it there. */
export interface Gate<User = unknown> {
  /** What to serve. */
  readonly schema: GraphQLSchema;
  /** All of them: for `proveAccess`, `mapAccess`, and whoever else asks. */
  readonly guards: Guards;
  readonly tokens: Tokens;
  readonly realm: string;
  /** Finds out of `Authorization` lines who sent them. It refuses nobody, and throws only what a loader throws. */
  authenticate(headers: readonly string[]): Promise<Authentication<User>>;
  /** The first door, before anything runs. It asks who the caller is only if something depends on that. */
  admit(asked: Asked, authenticate: () => Promise<Authentication<User>>): Promise<Admission<User>>;
  /** Signs an access token, from now on. What else it says is readable by everybody who has it. */
  signAccess(holder: TokenHolder, additional?: ClaimsToAdd): string;
}

/**
 * Makes of type definitions and resolvers a schema with both doors: adds the access directives that the definitions do
 * not have themselves, puts the guards on last of all, and makes what verifies tokens. Give the gate to `useGate` of
 * `@sallyport/guards/yoga`, `/apollo`, `/mercurius` or `/graphql-ws`.
 *
 * A schema that something else has made, such as `buildSubgraphSchema`, is given as `schema`; then the directives must
 * be in it.
 *
 * @throws TypeError when a setting is missing, contradicts another or cannot be used, and for what `guardSchema` throws
 *
 * @example
 * const gate = createGate({
 *   typeDefs: 'type Query { me: String @auth }',
 *   resolvers: { Query: { me: () => 'ada' } },
 *   secret: 'at least 32 bytes, from the environment',
 *   loadUser: async ({ sub }) => (sub === '1' ? { user: 'ada', isAdmin: false } : { reason: 'USER_NOT_FOUND' }),
 * });
 * const token = gate.signAccess({ sub: '1', sid: 'laptop' });
 * const authentication = await gate.authenticate([`Bearer ${token}`]);
 * console.log(authentication.status); // authenticated
 */
export function createGate<User>(settings: GateSettings<User>): Gate<User> {
  checkGateSettings(settings);
  const {
    issuer = 'sallyport',
    audience = issuer,
    realm = issuer,
    leewaySeconds = 10,
    freshSeconds = 300,
    clock = () => new Date(),
    idOf,
    memory,
    issuers = null,
  } = settings;
  const lifeSeconds = { access: 900, refresh: 1_209_600, ...settings.lifeSeconds };
  const keys = settings.keys ?? createKeyRing({ secret: settings.secret });
  const tokens = createTokens({
    ...{ keys, issuer, audience, lifeSeconds, leewaySeconds },
    ...(memory && { memory }),
  });
  const guards = { ...authGuards({ freshSeconds, ...(idOf && { idOf }) }), ...settings.guards };
  return {
    schema: buildGuarded(settings, { ...guardSettings(settings), guards }),
    guards,
    tokens,
    realm,
    authenticate: async (headers) =>
      await authenticate(readBearer(headers), { tokens, issuers, now: clock(), loaders: settings }),
    admit: async (asked, identify) => await admit(asked, identify, settings.clock),
    signAccess({ sub, sid, gen = 0, passwordCheckedAt }, additional) {
      const iat = toSeconds(clock());
      const times = { iat, exp: iat + lifeSeconds.access };
      const fresh = passwordCheckedAt === undefined;
      const auth_time = fresh ? iat : toSeconds(passwordCheckedAt);
      return tokens.signAccess({ sub, sid, gen, ...times, auth_time, fresh }, additional);
    },
  };
}

function guardSettings({
  others,
  onRefusal,
  fieldResolver,
  subscribeFieldResolver,
}: Omit<GuardSettings, 'guards'>): Omit<GuardSettings, 'guards'> {
  return {
    ...(others && { others }),
    ...(onRefusal && { onRefusal }),
    ...(fieldResolver && { fieldResolver }),
    ...(subscribeFieldResolver && { subscribeFieldResolver }),
  };
}
