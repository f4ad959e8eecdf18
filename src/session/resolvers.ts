import { GraphQLDateTime } from 'graphql-scalars';
import { endUserSessions } from '../account/endUserSessions.ts';
import { badUserInput } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readListPart } from '../input/listPart.ts';
import { findLengthProblem } from '../input/passwordProblem.ts';
import { readId, readLine } from '../input/text.ts';
import { checkCredentials } from './checkCredentials.ts';
import { endOwnSession } from './endOwnSession.ts';
import { exchangeRefreshToken } from './exchangeRefreshToken.ts';
import { freshLogin } from './freshLogin.ts';
import { logout } from './logout.ts';
import { logoutEverywhere } from './logoutEverywhere.ts';
import { requireSession } from './requireSession.ts';
import { withSentToken } from './sentToken.ts';
import { listSessions, maximumSessionsOfUser } from './session.ts';
import { signIn } from './signIn.ts';

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
      const checked = await checkCredentials(context, { username, password });
      return await signIn(context, checked, device);
    },

    refresh: (_parent, { refreshToken }, context) =>
      withSentToken(refreshToken, { ...context, verify: context.tokens.verifyRefresh }, (claims) =>
        exchangeRefreshToken(context, claims),
      ),

    async freshLogin(_parent, { password }, context) {
      const sessionId = requireSession(context);
      requireHashable(password);
      return await freshLogin(context, sessionId, password);
    },

    logout: (_parent, { refreshToken }, context) =>
      withSentToken(
        refreshToken,
        { ...context, verify: context.tokens.verifyOrigin },
        async (claims) => {
          await logout(context, claims);
          context.cookies?.clear();
          return true;
        },
      ),

    async logoutEverywhere(_parent, _args, context) {
      const count = await logoutEverywhere(context);
      context.cookies?.clear();
      return count;
    },

    async endSession(_parent, { id }, context) {
      await endOwnSession(context, readId(id, 'Session'));
      return true;
    },

    endUserSessions: (_parent, { id }, context) => endUserSessions(context, readId(id, 'User')),
  },
};

// Nobody can have chosen such a password, so it is not worth hashing.
function requireHashable(password: string): void {
  const problem = findLengthProblem(password);
  if (problem) throw badUserInput('password', problem);
}
