import { type Tokens, toSeconds } from '@sallyport/guards';
import type { Config } from '../config/config.ts';
import type { SessionWithToken } from './tokenId.ts';

/** A pair of tokens as `TokenPair` of the schema has it; times are in seconds. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: 'Bearer';
  readonly expiresIn: number;
  readonly refreshExpiresIn: number;
  readonly fresh: boolean;
  readonly userId: string;
}

/**
 * Makes the pair of a session's generation. The refresh token depends on the generation alone: asking again for the
 * same generation returns the same text.
 */
export function issueTokenPair(
  session: SessionWithToken,
  { tokens, config, now, fresh }: { tokens: Tokens; config: Config; now: Date; fresh: boolean },
): TokenPair {
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
  return {
    accessToken: tokens.signAccess({
      sub,
      sid,
      gen,
      iat: issuedAt,
      exp: accessExpiry,
      auth_time: toSeconds(session.authenticatedAt),
      fresh,
    }),
    refreshToken: tokens.signRefresh({
      sub,
      sid,
      gen,
      jti: session.tokenId,
      iat: rotatedAt,
      exp: refreshExpiry,
    }),
    tokenType: 'Bearer',
    expiresIn: accessExpiry - issuedAt,
    refreshExpiresIn: refreshExpiry - issuedAt,
    fresh,
    userId: sub,
  };
}
