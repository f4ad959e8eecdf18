import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type ExportedJWKSCache,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose';
import { IssuerUnreachable } from '../foreignTokens.ts';
import { findUrlProblem, isOnLoopback } from '../issuerUrl.ts';
import { readJson } from './readJson.ts';

/** Where the keys of an issuer are. */
export interface KeyPlace {
  readonly issuer: string;
  /** The URL of its JWK Set; without it, its discovery document names that. */
  readonly jwksUrl?: string | null;
}

export interface IssuerKeys {
  /**
   * Finds the key of a token.
   *
   * @throws IssuerUnreachable, or an error of jose when the issuer has no such key
   */
  readonly find: JWTVerifyGetKey;
  /** @throws IssuerUnreachable */
  readonly load: () => Promise<void>;
}

// For the discovery document and the key set together.
const timeoutMilliseconds = 5_000;
// Whoever makes up names of keys has the issuer asked once in this time, and after a failure once in the next.
const cooldownMilliseconds = 30_000;
const failureCooldownMilliseconds = 5_000;
// A key that the issuer has withdrawn is good for so long; while the issuer cannot be asked, for so long.
const freshMilliseconds = 10 * 60 * 1000;
const usableMilliseconds = 24 * 60 * 60 * 1000;

/**
 * Keeps the keys of an issuer, loaded when the first token needs them. A key that is not among them, and their age,
 * have them loaded again. While that fails, those that are known go on for a day.
 */
export function issuerKeys(place: KeyPlace): IssuerKeys {
  const loaded: Partial<ExportedJWKSCache> = {};
  let failedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown = null;
  const isFailing = () => failedAt > (loaded.uat ?? 0);
  const age = () => Date.now() - (loaded.uat ?? Number.NEGATIVE_INFINITY);

  const remote = createRemoteJWKSet(new URL(place.jwksUrl ?? place.issuer), {
    timeoutDuration: timeoutMilliseconds,
    cooldownDuration: cooldownMilliseconds,
    // How old they may be is decided below: an issuer that is down must not take along the keys that are known.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [jwksCache]: loaded as ExportedJWKSCache,
    async [customFetch](_url, { signal, headers }) {
      if (isCoolingDown()) throw new Error('It failed a moment ago.', { cause: failure });
      return Response.json(await read({ signal, headers }));
    },
  });

  // Clocks are set back, too: what was in the future then is long ago.
  function isCoolingDown(): boolean {
    return Math.abs(Date.now() - failedAt) < failureCooldownMilliseconds;
  }

  // Only this is a failure of the issuer: a key of no use, which anybody can name, must not keep new ones away.
  async function read(request: RequestInit): Promise<JSONWebKeySet> {
    try {
      const keySet = (await readKeySet(place, request)) as JSONWebKeySet;
      createLocalJWKSet(keySet);
      return keySet;
    } catch (error) {
      failedAt = Date.now();
      failure = error;
      throw error;
    }
  }

  async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isOfToken(error)) throw error;
      throw new IssuerUnreachable(place.issuer, { cause: error });
    }
  }

  async function renew(): Promise<void> {
    if (loaded.uat === undefined || (age() >= 0 && age() < freshMilliseconds)) return;
    const reload = attempt(() => remote.reload());
    if (age() >= usableMilliseconds) return await reload;
    // Nobody waits twice for an issuer that does not answer.
    const settled = reload.catch(() => {});
    if (!isFailing()) await settled;
  }

  return {
    async find(header, token) {
      await renew();
      return await attempt(() => remote(header, token));
    },
    load: () => attempt(() => remote.reload()),
  };
}

function isOfToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
  );
}

async function readKeySet({ issuer, jwksUrl }: KeyPlace, request: RequestInit): Promise<unknown> {
  return await readJson(jwksUrl ?? (await discover(issuer, request)), request);
}

// OpenID Connect Discovery 1.0, section 4. The document is asked for again with the keys: they may move.
async function discover(issuer: string, request: RequestInit): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = Object(await readJson(url, request));
  // Otherwise one issuer could speak for another (section 4.3). Whether there is a slash at the end counts.
  if (document.issuer !== issuer) {
    const named = JSON.stringify(String(document.issuer).slice(0, 200));
    throw new Error(`${url} is of another issuer: ${named}.`);
  }
  const { jwks_uri: jwksUrl } = document;
  const problem =
    typeof jwksUrl === 'string'
      ? findUrlProblem(jwksUrl, { loopback: isOnLoopback(issuer) })
      : 'must be a URL';
  if (problem !== null) throw new Error(`${url}: jwks_uri ${problem}.`);
  return jwksUrl;
}
