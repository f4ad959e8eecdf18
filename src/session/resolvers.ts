import { GraphQLDateTime } from 'graphql-scalars';
import { recordEvent } from '../audit/audit.ts';
import { AuthError, type Bearer, tokenProblem, type Verified } from '../auth/index.ts';
import type { Context } from '../context.ts';
import { badUserInput } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readId, readLine } from '../text.ts';
import { findLengthProblem } from '../user/password.ts';
import { findUser } from '../user/user.ts';
import { refreshSession } from './refresh.ts';
import { requireSession } from './requireSession.ts';
import { endSession, endSessionOf, endSessionsOf, listSessions, renewSession } from './session.ts';
import { bucketOf, checkPassword, signIn } from './signIn.ts';
import { issueTokenPair } from './tokenPair.ts';

export const sessionResolvers: Resolvers = {
  DateTime: GraphQLDateTime,

  Session: {
    current: ({ id }, _args, { authentication }) =>
      authentication?.status === 'authenticated' && authentication.claims?.sid === id,
  },

  Query: {
    serverTime: (_parent, _args, { now }) => now,
    sessions: (_parent, _args, { database, user, now }) => listSessions(database, user.id, now),
  },

  Mutation: {
    async login(_parent, { username, password, device: name }, context) {
      requireHashable(password);
      const device = name ? readLine('device', name, { minLength: 0, maxLength: 100 }) : null;
      const bucket = await bucketOf(context, username);
      const user = await checkPassword(context, { username, password, bucket });
      const pair = await signIn(context, user, { device, event: 'SIGN_IN' });
      if (!pair) throw new AuthError('INVALID_CREDENTIALS');
      return pair;
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
      const { sub: userId, sid: sessionId } = verified.claims;
      const result = await refreshSession(database, verified.claims, config.jwt, now);
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
        case 'refused':
          throw new AuthError(result.reason);
      }
    },

    async freshLogin(_parent, { password }, context) {
      const { user: caller, now } = context;
      const sessionId = requireSession(context);
      requireHashable(password);
      const { username } = caller;
      const user = await checkPassword(context, { username, password, bucket: { sessionId } });
      const session = await context.database.transaction(async (database) => {
        const renewed = await renewSession(database, sessionId, user, now);
        const entry = { actorId: user.id, userId: user.id, sessionId };
        if (renewed) {
          await recordEvent({ ...context, database }, { event: 'FRESH_SIGN_IN', ...entry });
        }
        return renewed;
      });
      if (!session) throw new AuthError('TOKEN_REVOKED');
      return issueTokenPair(session, { ...context, fresh: true });
    },

    async logout(_parent, { refreshToken }, context) {
      const verified = verifySent(refreshToken, context);
      if (!verified) throw new AuthError('TOKEN_INVALID');
      const { sid: sessionId, sub: userId } = verified.claims;
      await context.database.transaction(async (database) => {
        if (await endSession(database, sessionId, 'logout', context.now)) {
          await recordEnd({ ...context, database }, userId, {
            userId,
            sessionId,
            reason: 'logout',
          });
        }
      });
      return true;
    },

    async logoutEverywhere(_parent, _args, context) {
      const { user, now } = context;
      return await context.database.transaction(async (database) => {
        const count = await endSessionsOf(database, user.id, 'logout', now);
        const entry = { userId: user.id, reason: `everywhere: ${count}` };
        await recordEnd({ ...context, database }, user.id, entry);
        return count;
      });
    },

    async endSession(_parent, { id }, context) {
      const { user, now } = context;
      const sessionId = readId(id, 'Session');
      await context.database.transaction(async (database) => {
        if (await endSessionOf(database, user.id, sessionId, now)) {
          const entry = { userId: user.id, sessionId, reason: 'ended' };
          await recordEnd({ ...context, database }, user.id, entry);
        }
      });
      return true;
    },

    async endUserSessions(_parent, { id }, context) {
      const { user, now } = context;
      return await context.database.transaction(async (database) => {
        const { id: userId } = await findUser(database, readId(id, 'User'));
        const count = await endSessionsOf(database, userId, 'admin', now);
        const entry = { userId, reason: `by an administrator: ${count}` };
        await recordEnd({ ...context, database }, user.id, entry);
        return count;
      });
    },
  },
};

function recordEnd(
  scene: Pick<Context, 'database' | 'log' | 'now' | 'client'>,
  actorId: string,
  entry: { userId: string; sessionId?: string; reason: string },
): Promise<void> {
  return recordEvent(scene, { event: 'SESSION_ENDED', actorId, ...entry });
}

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
