import { AuthError } from '../auth/index.ts';
import { badUserInput, conflict } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readPage } from '../pagination.ts';
import { openSession } from '../session/session.ts';
import { issueTokenPair } from '../session/tokenPair.ts';
import { readLine } from '../text.ts';
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
      const { database, config, client, now } = context;
      if (!config.registrationOpen) throw new AuthError('REGISTRATION_CLOSED');
      const username = foldUsername(name);
      if (username === null) throw badUserInput('username', usernameRule);
      const problem = findPasswordProblem(password, {
        minLength: config.passwordMinLength,
        username,
      });
      if (problem) throw badUserInput('password', problem);
      const newUser = {
        username,
        fullName: fullName
          ? readLine('fullName', fullName, { minLength: 0, maxLength: 200 })
          : null,
        isAdmin: false,
        passwordHash: await hashPassword(password),
      };
      // Together: a server that dies in between must not leave a name taken for which nobody got an answer.
      const session = await database.transaction(async (transaction) => {
        const user = await createUser(transaction, newUser, now);
        if (!user) throw conflict('That username is taken.');
        return await openSession(transaction, user, { ...client, device: null }, config.jwt, now);
      });
      if (!session) throw new AuthError('INVALID_CREDENTIALS');
      return issueTokenPair(session, { ...context, fresh: true });
    },
  },
};
