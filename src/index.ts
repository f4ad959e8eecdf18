// The engine is a package of its own, which lists its names. Who has the service has it too, under one name.
export * from '@sallyport/guards';
export type { ClaimsFunction, ClaimsScene } from './additionalClaims.ts';
export type {
  Authenticated as SignedInContext,
  Context,
  Public as PublicContext,
} from './context.ts';
export type { Database } from './database/database.ts';
export {
  defineServer,
  type Feature,
  type MessageDetails,
  type Messages,
  type PluginOptions,
  type ServerDefinition,
  type ServerOptions,
  type ServerPlugin,
  type TellRefusal,
} from './defineServer.ts';
export { ApiError, badUserInput, conflict, notFound, rateLimited } from './errors.ts';
export { type Connection, type Page, readPage, toConnection } from './input/pagination.ts';
export { isUuid, readId, readLine } from './input/text.ts';
export type { IssuerScene, UserOfIssuer } from './userOfIssuer.ts';
