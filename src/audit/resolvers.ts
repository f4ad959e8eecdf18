import type { Resolvers } from '../generated/resolvers.ts';
import { readPage } from '../input/pagination.ts';
import { readId } from '../input/text.ts';
import { listEvents } from './audit.ts';

export const auditResolvers: Resolvers = {
  AuditEvent: {
    id: ({ id }) => String(id),
  },

  User: {
    securityEvents: ({ id }, args, { database }) => listEvents(database, id, readPage(args)),
  },

  Query: {
    auditLog: (_parent, { userId, ...args }, { database }) =>
      listEvents(database, userId == null ? null : readId(userId, 'User'), readPage(args)),
  },
};
