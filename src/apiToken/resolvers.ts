import { badUserInput } from '../errors.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { readListPart } from '../input/listPart.ts';
import { largestSize } from '../input/pagination.ts';
import { readId, readLine } from '../input/text.ts';
import { requireSession } from '../session/requireSession.ts';
import { listApiTokens } from './apiToken.ts';
import { createApiToken } from './createApiToken.ts';
import { readScopes } from './readScopes.ts';
import { revokeApiToken, revokeUserApiToken } from './revokeApiToken.ts';

export const apiTokenResolvers: Resolvers = {
  Query: {
    apiTokens: (_parent, args, { database, user }) =>
      listApiTokens(database, user.id, readListPart(args, largestSize)),
  },

  User: {
    apiTokens: ({ id }, args, { database }) =>
      listApiTokens(database, id, readListPart(args, largestSize)),
  },

  Mutation: {
    async createApiToken(_parent, { name, expiresIn, scopes }, context, { schema }) {
      // A token of another issuer must not become one that has more scopes and lives longer.
      requireSession(context);
      if (expiresIn != null && expiresIn <= 0) {
        throw badUserInput('expiresIn', '"expiresIn" must be more than 0 seconds.');
      }
      return await createApiToken(context, {
        name: readLine('name', name, { minimumLength: 1, maximumLength: 100 }),
        scopes: readScopes(scopes ?? [], schema),
        expiresAt: expiresIn == null ? null : new Date(context.now.getTime() + expiresIn * 1000),
      });
    },

    async revokeApiToken(_parent, { id }, context) {
      await revokeApiToken(context, readId(id, 'API token'));
      return true;
    },

    async revokeUserApiToken(_parent, { id }, context) {
      await revokeUserApiToken(context, readId(id, 'API token'));
      return true;
    },
  },
};
