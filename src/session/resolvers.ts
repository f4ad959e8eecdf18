import { AuthError, type Bearer, type RefreshClaims, type Tokens } from '@sallyport/guards';
import { GraphQLDateTime } from 'graphql-scalars';
import { endUserSessions } from '../account/endUserSessions.ts';
import { recordEvent } from '../audit/audit.ts';
import type { Context } from '../context.ts';
import { badUserInput, rateLimited } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readListPart } from '../input/listPart.ts';
import { findLengthProblem } from '../input/passwordProblem.ts';
import { readId, readLine } from '../input/text.ts';
import { checkCredentials } from './checkCredentials.ts';
import { endOwnSession } from './endOwnSession.ts';
import { freshLogin } from './freshLogin.ts';
import { logout } from './logout.ts';
import { logoutEverywhere } from './logoutEverywhere.ts';
import { refreshSession } from './refresh.ts';
import { requireSession } from './requireSession.ts';
import { listSessions, maximumSessionsOfUser } from './session.ts';
import { signIn } from './signIn.ts';
import { issueTokenPair } from './tokenPair.ts';

export const sessionResolvers: Resolvers = {
  DateTime: GraphQLDateTime,

  Session: {
    current: ({ id }, _args, { authentication }) =>
      authentication?.status === 'authenticated' && authentication.claims?.sid === id,
  },

  Query: {
    serverTime: (_parent, _args, { now }) => now,
    sessions: (_parent, args, { database, user, now }) =>
      listSessions(database, user.id, now, readListPart(args, maximumSessionsOfUser)),
  },

  Mutation: {
    async login(_parent, { username, password, device: name }, context) {
      requireHashable(password);
      const device = name
        ? readLine('device', name, { minimumLength: 0, maximumLength: 100 })
        : null;
      const user = await checkCredentials(context, { username, password });
      return await signIn(context, user, device);
    },

    async refresh(_parent, { refreshToken }, context) {
      const { database, config, tokens, log, now } = context;
      const claims = readSent(refreshToken, { ...context, verify: tokens.verifyRefresh });
      const { sub: userId, sid: sessionId } = claims;
      const result = await refreshSession(database, claims, config.jwt, now);
      switch (result.outcome) {
        case 'refreshed':
          return issueTokenPair(result.session, { ...context, fresh: false });
        case 'reused':
          log.warn({ userId, sessionId }, 'a refresh token was used again: its session has ended');
          await recordEvent(context, { event: 'REFRESH_REUSED', userId, sessionId });
          throw new AuthError('TOKEN_REUSED');
        case 'ahead':
          log.error(
            { userId, sessionId },
            'a refresh token is ahead of its session: the database has been set back',
          );
          throw new AuthError('TOKEN_INVALID');
        case 'limited':
          throw rateLimited(result.retryAfterSeconds);
        case 'refused':
          throw new AuthError(result.reason);
      }
    },

    async freshLogin(_parent, { password }, context) {
      const sessionId = requireSession(context);
      requireHashable(password);
      return await freshLogin(context, sessionId, password);
    },

    async logout(_parent, { refreshToken }, context) {
      const { verifyOrigin } = context.tokens;
      await logout(context, readSent(refreshToken, { ...context, verify: verifyOrigin }));
      return true;
    },

    logoutEverywhere: (_parent, _args, context) => logoutEverywhere(context),

    async endSession(_parent, { id }, context) {
      await endOwnSession(context, readId(id, 'Session'));
      return true;
    },

    endUserSessions: (_parent, { id }, context) => endUserSessions(context, readId(id, 'User')),
  },
};

// The argument wins over the header: clients often go on sending a header with an expired access token.
function readSent(
  argument: string | null | undefined,
  { bearer, now, verify }: Pick<Context, 'bearer' | 'now'> & { verify: Tokens['verifyRefresh'] },
): RefreshClaims {
  const sent: Bearer = argument == null ? bearer : { token: argument };
  if (sent === 'absent') {
    throw new AuthError('TOKEN_MISSING', { message: 'Sign in first: no token was sent.' });
  }
  if (sent === 'malformed') throw new AuthError('TOKEN_INVALID');
  const verified = verify(sent.token, now);
  if ('claims' in verified) return verified.claims;
  if (verified.reason !== 'TOKEN_WRONG_TYPE') throw new AuthError(verified.reason);
  const message = 'This is an access token; a refresh token is needed here.';
  throw new AuthError(verified.reason, { message });
}

// Nobody can have chosen such a password, so it is not worth hashing.
function requireHashable(password: string): void {
  const problem = findLengthProblem(password);
  if (problem) throw badUserInput('password', problem);
}
