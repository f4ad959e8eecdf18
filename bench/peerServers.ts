import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Later } from './cleanUp.ts';
import { installPeers } from './installPeers.ts';
import type { Sallyport } from './sallyport.ts';
import { startServer } from './server.ts';

/** A server, and a token that it takes. */
export interface SignedIn {
  readonly name: string;
  readonly url: string;
  readonly token: string;
}

/**
 * Starts the servers that do by hand what Sallyport does, on its database: they verify a token with the same claims,
 * and ask for the same session and user. None where Sallyport has no Postgres.
 */
export async function startPeers(
  { databaseUrl, token }: Sallyport & { readonly token: string },
  later: Later,
): Promise<SignedIn[]> {
  if (databaseUrl === null) return [];
  const SECRET = randomBytes(32).toString('base64url');
  const claims = jwt.decode(token);
  if (claims === null || typeof claims === 'string') throw new Error('The token is not a JWT.');
  const peer = async (name: string, program: string): Promise<SignedIn> => {
    const environment = { DATABASE_URL: databaseUrl, SECRET };
    const url = await startServer([`bench/peers/${program}`], environment, later);
    return { name, url, token: jwt.sign(claims, SECRET) };
  };
  const byHand = await peer('Apollo by hand, on Postgres', 'apolloByHand.mjs');
  if (!(await installPeers())) return [byHand];
  return [byHand, await peer('Mercurius and mercurius-auth, on Postgres', 'mercuriusAuth.mjs')];
}
