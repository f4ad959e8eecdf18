import { toSeconds } from '@sallyport/guards';
import type { Context } from '../context.ts';
import type { SessionWithToken } from './tokenId.ts';

/** A pair of tokens as `TokenPair` of the schema has it; times are in seconds. */
export interface TokenPair {
  readonly accessToken: string;
  /** Null when it travels in a cookie. */
  readonly refreshToken: string | null;
  readonly tokenType: 'Bearer';
  readonly expiresIn: number;
  readonly refreshExpiresIn: number;
  readonly fresh: boolean;
  readonly userId: string;
}

/**
 * Makes the pair of a session's generation, and puts it where the client wants it: the answer, or cookies. The refresh
 * token depends on the generation alone: asking again for the same generation returns the same text.
 */
export async function issueTokenPair(
  session: SessionWithToken,
  {
    tokens,
    config,
    now,
    cookies,
    additionalClaims,
    fresh,
  }: Pick<Context, 'tokens' | 'config' | 'now' | 'cookies' | 'additionalClaims'> & {
    readonly fresh: boolean;
  },
): Promise<TokenPair> {
  const { accessTokenExpiresInSeconds, refreshTokenExpiresInSeconds, refreshIdleExpiresInSeconds } =
    config.jwt;
  const issuedAt = toSeconds(now);
  const rotatedAt = toSeconds(session.rotatedAt);
  // The row may be from a time when the settings let sessions live longer; a token that outlives them is not accepted.
  const refreshExpiry = Math.min(
    toSeconds(session.idleExpiresAt),
    rotatedAt + Math.min(refreshTokenExpiresInSeconds, refreshIdleExpiresInSeconds),
  );
  const accessExpiry = Math.min(issuedAt + accessTokenExpiresInSeconds, refreshExpiry);
  const { id: sid, userId: sub, generation: gen } = session;
  const csrf = cookies?.newCsrfToken() ?? null;
  const additional = await additionalClaims(sub);
  const pair = {
    accessToken: tokens.signAccess(
      {
        sub,
        sid,
        gen,
        iat: issuedAt,
        exp: accessExpiry,
        auth_time: toSeconds(session.authenticatedAt),
        fresh,
        ...(csrf !== null && { csrf }),
      },
      additional,
    ),
    refreshToken: tokens.signRefresh({
      sub,
      sid,
      gen,
      jti: session.tokenId,
      iat: rotatedAt,
      exp: refreshExpiry,
    }),
    tokenType: 'Bearer' as const,
    expiresIn: accessExpiry - issuedAt,
    refreshExpiresIn: refreshExpiry - issuedAt,
    fresh,
    userId: sub,
  };
  return cookies?.carry(pair, csrf) ? { ...pair, refreshToken: null } : pair;
}
