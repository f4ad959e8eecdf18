import { createKeyRing, type KeyRing } from '@sallyport/guards';
import type { FastifyBaseLogger } from 'fastify';
import { type Config, ConfigError, loadConfig } from './config/config.ts';
import { describeError } from './errors.ts';

/** The keys of a server, which can be exchanged while it runs: a whole ring for a whole ring. */
export interface ServerKeys {
  /** The ring of the moment. */
  readonly ring: () => KeyRing;
  /** Reads the keys anew. Where anything is wrong with the settings, the log says so, and the keys stay as they are. */
  readonly reread: (
    variables: Readonly<Record<string, string | undefined>>,
    log: FastifyBaseLogger,
  ) => void;
}

/**
 * Has the keys that a configuration names; `secretKey` is the configured one, or the one that was made in its place.
 */
export function createServerKeys(config: Config, secretKey: string): ServerKeys {
  const read = ({ jwt }: Config) =>
    createKeyRing({
      secret: jwt.secretKey ?? secretKey,
      previousSecret: jwt.previousSecretKey,
      nextSecret: jwt.nextSecretKey,
      privateKey: jwt.privateKey,
      previousPrivateKey: jwt.previousPrivateKey,
      nextPrivateKey: jwt.nextPrivateKey,
    });
  let ring = read(config);

  return {
    ring: () => ring,
    reread(variables, log) {
      let given: Config;
      let next: KeyRing;
      try {
        given = loadConfig(variables);
        next = read(given);
      } catch (error) {
        const isConfigError = error instanceof ConfigError;
        const reason = isConfigError
          ? { problems: error.problems }
          : { error: describeError(error) };
        log.error(reason, 'the keys could not be read again: those of before go on');
        return;
      }
      if (given.databaseUrl !== config.databaseUrl) {
        log.warn(
          'DATABASE_URL has changed, which needs a restart: only keys are exchanged without one',
        );
      }
      const before = summaryOf(ring);
      const after = summaryOf(next);
      if (JSON.stringify(before) === JSON.stringify(after)) {
        log.info(after, 'the keys were read again, and are the same');
        return;
      }
      for (const warning of findWarnings(ring, next)) log.warn(warning);
      ring = next;
      log.info(after, 'the keys were exchanged');
    },
  };
}

/** The ids of the keys, as the headers of tokens have them. */
function summaryOf({ signing, verifying }: KeyRing) {
  return {
    signing: { access: signing.access.kid, refresh: signing.refresh.kid },
    verifying: [...verifying.keys()].toSorted(),
  };
}

// Not refused: a key that somebody else has must be gone at once, and whoever holds its tokens signs in again.
function findWarnings(before: KeyRing, after: KeyRing): string[] {
  const signing = ({ signing: { access, refresh } }: KeyRing) => [access.kid, refresh.kid];
  return [
    ...(signing(after).every((kid) => before.verifying.has(kid))
      ? []
      : [
          'a key signs from now on that was not announced: other nodes refuse its tokens until they have read it ' +
            '(JWT_SECRET_KEY_NEXT and JWT_PRIVATE_KEY_NEXT announce keys)',
        ]),
    ...(signing(before).every((kid) => after.verifying.has(kid))
      ? []
      : [
          'the key that signed until now is not known any more: its tokens are refused ' +
            '(JWT_SECRET_KEY_PREVIOUS and JWT_PRIVATE_KEY_PREVIOUS keep keys)',
        ]),
  ];
}
