import { recordEvent } from '../audit/audit.ts';
import { badUserInput, notFound } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readId, readLine } from '../text.ts';
import { addApiToken, listApiTokens, removeApiToken } from './apiToken.ts';

export const apiTokenResolvers: Resolvers = {
  Query: {
    apiTokens: (_parent, _args, { database, user }) => listApiTokens(database, user.id),
  },

  Mutation: {
    async createApiToken(_parent, { name, expiresIn }, context) {
      const { user, now } = context;
      if (expiresIn != null && expiresIn <= 0) {
        throw badUserInput('expiresIn', '"expiresIn" must be more than 0 seconds.');
      }
      const newToken = {
        userId: user.id,
        name: readLine('name', name, { minLength: 1, maxLength: 100 }),
        expiresAt: expiresIn == null ? null : new Date(now.getTime() + expiresIn * 1000),
      };
      return await context.database.transaction(async (database) => {
        const made = await addApiToken(database, newToken, now);
        await recordEvent(
          { ...context, database },
          {
            event: 'API_TOKEN_CREATED',
            actorId: user.id,
            userId: user.id,
            reason: made.apiToken.id,
          },
        );
        return made;
      });
    },

    async revokeApiToken(_parent, { id }, context) {
      const { user } = context;
      await context.database.transaction(async (database) => {
        if (!(await removeApiToken(database, user.id, readId(id, 'API token')))) {
          throw notFound('API token');
        }
        await recordEvent(
          { ...context, database },
          { event: 'API_TOKEN_REVOKED', actorId: user.id, userId: user.id, reason: id },
        );
      });
      return true;
    },
  },
};
