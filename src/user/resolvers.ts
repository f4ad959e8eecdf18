import { AuthError } from '@sallyport/guards';
import { changePassword } from '../account/changePassword.ts';
import { deleteAccount } from '../account/deleteAccount.ts';
import { judgePassword } from '../account/judgePassword.ts';
import { register } from '../account/register.ts';
import { setUserActive } from '../account/setUserActive.ts';
import { setUserAdmin } from '../account/setUserAdmin.ts';
import { badUserInput, inputError } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readPage } from '../input/pagination.ts';
import { findLineProblem, fullNameLengths, readId } from '../input/text.ts';
import { foldUsername, usernameRule } from '../input/username.ts';
import { requireSession } from '../session/requireSession.ts';
import { listUsers } from './user.ts';

export const userResolvers: Resolvers = {
  Query: {
    viewer: (_parent, _args, { user }) => user,
    me: (_parent, _args, { user }) => user,
    users: (_parent, args, { database }) => listUsers(database, readPage(args)),
  },
  Mutation: {
    async register(_parent, { username: name, password, fullName }, context) {
      const { config } = context;
      if (!config.registrationOpen) throw new AuthError('REGISTRATION_CLOSED');
      const username = foldUsername(name);
      const shownName = fullName || null;
      const nameProblem = shownName && findLineProblem('fullName', shownName, fullNameLengths);
      const names = { username, fullName: nameProblem ? null : shownName };
      const error = inputError({
        username: username === null ? usernameRule : null,
        password: await judgePassword(context, password, names),
        fullName: nameProblem,
      });
      if (error || username === null) throw error;
      return await register(context, { username, password, fullName: shownName });
    },

    async changePassword(_parent, { newPassword, endApiTokens }, context) {
      const sessionId = requireSession(context);
      const { username, fullName } = context.user;
      const problem = await judgePassword(context, newPassword, { username, fullName });
      if (problem) throw badUserInput('newPassword', problem);
      const choice = { newPassword, endApiTokens: endApiTokens ?? false };
      return await changePassword(context, sessionId, choice);
    },

    async deleteAccount(_parent, _args, context) {
      await deleteAccount(context);
      context.cookies?.clear();
      return true;
    },

    setUserActive: (_parent, { id, active }, context) =>
      setUserActive(context, { userId: readId(id, 'User'), active }),

    setUserAdmin: (_parent, { id, admin }, context) =>
      setUserAdmin(context, { userId: readId(id, 'User'), isAdmin: admin }),
  },
};
