import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type SessionRow, sessions } from './table.ts';

/** A session with the id of the refresh token of its generation. */
export type SessionWithToken = SessionRow & { readonly tokenId: string };

/** What a statement returns to make a SessionWithToken. */
export const sessionWithToken = {
  ...getTableColumns(sessions),
  tokenId: tokenIdOf(sessions.generation),
};

/**
 * The id of the refresh token of a generation. Only the database derives it, so that no two places must agree. The
 * seed has a fixed length, so the two parts cannot run into each other.
 */
export function tokenIdOf(generation: SQL | typeof sessions.generation): SQL<string> {
  return sql<string>`left(encode(sha256(${sessions.seed} || int8send(${generation}::bigint)), 'hex'), 32)`;
}

/** Random bytes for a session's seed. */
export function newSeed(): Buffer {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16)));
}
