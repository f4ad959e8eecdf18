import { recordEvent } from '../audit/audit.ts';
import { AuthError } from '../auth/index.ts';
import { badUserInput, conflict } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readPage } from '../pagination.ts';
import { requireSession } from '../session/requireSession.ts';
import { endSessionsOf, reseedSession } from '../session/session.ts';
import { signIn } from '../session/signIn.ts';
import { issueTokenPair } from '../session/tokenPair.ts';
import { readId, readLine } from '../text.ts';
import { deleteUser, setActive, setAdmin, setPassword } from './account.ts';
import { findPasswordProblem, hashPassword } from './password.ts';
import { createUser, listUsers } from './user.ts';
import { foldUsername, usernameRule } from './username.ts';

export const userResolvers: Resolvers = {
  Query: {
    viewer: (_parent, _args, { user }) => user,
    me: (_parent, _args, { user }) => user,
    users: (_parent, args, { database }) => listUsers(database, readPage(args)),
  },

  Mutation: {
    async register(_parent, { username: name, password, fullName }, context) {
      const { config, client, now, throttle } = context;
      if (!config.registrationOpen) throw new AuthError('REGISTRATION_CLOSED');
      const username = foldUsername(name);
      if (username === null) throw badUserInput('username', usernameRule);
      requireGoodPassword('password', password, username, config.passwordMinLength);
      const shownName = fullName
        ? readLine('fullName', fullName, { minLength: 0, maxLength: 200 })
        : null;
      await throttle.reserveRegistration(client.ip);
      const passwordHash = await hashPassword(password);
      const newUser = { username, passwordHash, fullName: shownName, isAdmin: false };
      // Together: a server that dies in between must not leave a name taken for which nobody got an answer.
      const pair = await context.database.transaction(async (database) => {
        const user = await createUser(database, newUser, now);
        if (!user) throw conflict('That username is taken.');
        return await signIn({ ...context, database }, user, { device: null, event: 'REGISTERED' });
      });
      if (!pair) throw new AuthError('INVALID_CREDENTIALS');
      return pair;
    },

    async changePassword(_parent, { newPassword }, context) {
      const { config, user, now } = context;
      const sessionId = requireSession(context);
      requireGoodPassword('newPassword', newPassword, user.username, config.passwordMinLength);
      const passwordHash = await hashPassword(newPassword);
      const session = await context.database.transaction(async (database) => {
        if (!(await setPassword(database, user, passwordHash)))
          throw new AuthError('TOKEN_REVOKED');
        const kept = await reseedSession(database, sessionId, config.jwt, now);
        if (!kept) throw new AuthError('TOKEN_REVOKED');
        await endSessionsOf(database, user.id, 'password', now, sessionId);
        const entry = { actorId: user.id, userId: user.id, sessionId };
        await recordEvent({ ...context, database }, { event: 'PASSWORD_CHANGED', ...entry });
        return kept;
      });
      return issueTokenPair(session, { ...context, fresh: true });
    },

    async deleteAccount(_parent, _args, context) {
      const { id } = context.user;
      await context.database.transaction(async (database) => {
        await deleteUser(database, id);
        const entry = { actorId: id, userId: id };
        await recordEvent({ ...context, database }, { event: 'ACCOUNT_DELETED', ...entry });
      });
      return true;
    },

    async setUserActive(_parent, { id, active }, context) {
      return await context.database.transaction(async (database) => {
        const user = await setActive(database, readId(id, 'User'), active);
        if (!active) await endSessionsOf(database, user.id, 'disabled', context.now);
        const event = active ? 'USER_ENABLED' : 'USER_DISABLED';
        const entry = { event, actorId: context.user.id, userId: user.id } as const;
        await recordEvent({ ...context, database }, entry);
        return user;
      });
    },

    async setUserAdmin(_parent, { id, admin }, context) {
      return await context.database.transaction(async (database) => {
        const user = await setAdmin(database, readId(id, 'User'), admin);
        const event = admin ? 'ADMIN_GRANTED' : 'ADMIN_REVOKED';
        const entry = { event, actorId: context.user.id, userId: user.id } as const;
        await recordEvent({ ...context, database }, entry);
        return user;
      });
    },
  },
};

function requireGoodPassword(
  argument: string,
  password: string,
  username: string,
  minLength: number,
): void {
  const problem = findPasswordProblem(password, { minLength, username });
  if (problem) throw badUserInput(argument, problem);
}
