import { GraphQLDateTime } from 'graphql-scalars';
import { AuthError, type Bearer, tokenProblem, type Verified } from '../auth/index.ts';
import type { Context } from '../context.ts';
import { badUserInput } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readLine } from '../text.ts';
import { findLengthProblem } from '../user/password.ts';
import { verifyCredentials } from '../user/user.ts';
import { endSession, openSession, refreshSession, renewSession } from './session.ts';
import { issueTokenPair } from './tokenPair.ts';

export const sessionResolvers: Resolvers = {
  DateTime: GraphQLDateTime,

  Query: {
    serverTime: (_parent, _args, { now }) => now,
  },

  Mutation: {
    async login(_parent, { username, password, device }, context) {
      const { database, config, client, now } = context;
      const origin = {
        ...client,
        device: device ? readLine('device', device, { minLength: 0, maxLength: 100 }) : null,
      };
      requireHashable(password);
      const user = await verifyCredentials(database, username, password);
      const session = user && (await openSession(database, user, origin, config.jwt, now));
      if (!session) throw new AuthError('INVALID_CREDENTIALS');
      return issueTokenPair(session, { ...context, fresh: true });
    },

    async refresh(_parent, { refreshToken }, context) {
      const { database, config, log, now } = context;
      const verified = verifySent(refreshToken, context);
      const problem = tokenProblem(verified, 'refresh');
      if (problem === 'TOKEN_WRONG_TYPE') {
        const message = 'This is an access token; a refresh token is needed here.';
        throw new AuthError(problem, { message });
      }
      if (problem || !verified) throw new AuthError(problem ?? 'TOKEN_INVALID');
      const { claims } = verified;
      const result = await refreshSession(database, claims, config.jwt, now);
      switch (result.outcome) {
        case 'refreshed':
          return issueTokenPair(result.session, { ...context, fresh: false });
        case 'reused':
          log.warn(
            { userId: claims.sub, sessionId: claims.sid },
            'refresh token reused: session ended',
          );
          throw new AuthError('TOKEN_REUSED');
        case 'ahead':
          log.error(
            { userId: claims.sub, sessionId: claims.sid },
            'a refresh token is ahead of its session: the database has been set back',
          );
          throw new AuthError('TOKEN_INVALID');
        case 'refused':
          throw new AuthError(result.reason);
      }
    },

    async freshLogin(_parent, { password }, context) {
      const { database, user, authentication, now } = context;
      requireHashable(password);
      const verified = await verifyCredentials(database, user.username, password);
      if (!verified) throw new AuthError('INVALID_CREDENTIALS');
      const session = await renewSession(database, authentication.claims.sid, verified, now);
      if (!session) throw new AuthError('TOKEN_REVOKED');
      return issueTokenPair(session, { ...context, fresh: true });
    },

    async logout(_parent, { refreshToken }, context) {
      const { database, now } = context;
      const verified = verifySent(refreshToken, context);
      if (!verified) throw new AuthError('TOKEN_INVALID');
      await endSession(database, verified.claims.sid, 'logout', now);
      return true;
    },
  },
};

// An argument goes before the header, which clients often go on sending, with an access token that has expired.
function verifySent(
  argument: string | null | undefined,
  { bearer, tokens, now }: Pick<Context, 'bearer' | 'tokens' | 'now'>,
): Verified | null {
  const sent: Bearer = argument == null ? bearer : { token: argument };
  if (sent === 'absent') {
    throw new AuthError('TOKEN_MISSING', { message: 'Sign in first: no token was sent.' });
  }
  return sent === 'malformed' ? null : tokens.verify(sent.token, now);
}

// What cannot be anybody's password is not worth a hash.
function requireHashable(password: string): void {
  const problem = findLengthProblem(password);
  if (problem) throw badUserInput('password', problem);
}
