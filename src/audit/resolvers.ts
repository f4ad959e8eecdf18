import { AuthError } from '@sallyport/guards';
import type { Resolvers } from '../generated/resolvers.ts';
import { readPage } from '../input/pagination.ts';
import { readId } from '../input/text.ts';
import { listEvents } from './audit.ts';

export const auditResolvers: Resolvers = {
  AuditEvent: {
    id: ({ id }) => String(id),
  },

  User: {
    securityEvents: ({ id }, args, { database, authentication }) => {
      const isOwn = authentication?.status === 'authenticated' && authentication.user.id === id;
      const isAdmin = authentication?.status === 'authenticated' && authentication.isAdmin;
      if (!isOwn && !isAdmin) throw new AuthError('ADMIN_REQUIRED');
      return listEvents(database, id, readPage(args));
    },
  },

  Query: {
    auditLog: (_parent, { userId, ...args }, { database }) =>
      listEvents(database, userId == null ? null : readId(userId, 'User'), readPage(args)),
  },
};
