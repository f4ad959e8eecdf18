import type { Issuers } from '@sallyport/guards';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from './config/config.ts';
import type { ServerDefinition } from './defineServer.ts';
import { describeError } from './errors.ts';

/**
 * Makes the verifiers of the issuers that the settings name; null where they name none, and nothing of it is loaded.
 *
 * @throws TypeError when nothing says whose tokens those are
 */
export async function openIssuers(
  { trustedIssuers, jwt }: Config,
  { userOfIssuer }: Pick<ServerDefinition, 'userOfIssuer'>,
): Promise<Issuers | null> {
  if (trustedIssuers.length === 0) return null;
  if (!userOfIssuer) {
    throw new TypeError(
      'TRUSTED_ISSUERS is set, and nothing says whose tokens those are: give defineServer a userOfIssuer.',
    );
  }
  const { trustIssuers } = await import('@sallyport/guards/issuers');
  return trustIssuers(trustedIssuers, { leewaySeconds: jwt.leewaySeconds });
}

/** Loads their keys while the server starts, which waits for nobody: the log says which of them cannot be reached. */
export async function loadKeysAhead(issuers: Issuers, log: FastifyBaseLogger): Promise<void> {
  for (const failure of await issuers.loadKeys()) {
    const line = { issuer: failure.issuer, error: describeError(failure) };
    log.warn(line, 'the keys of an issuer cannot be loaded: its tokens cannot be verified yet');
  }
}
