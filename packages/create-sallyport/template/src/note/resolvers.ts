import type { Feature } from 'sallyport';
import type { Resolvers } from '../generated/resolvers.ts';
import { countNotes, createNote, deleteNotes, listNotes } from './note.ts';

const resolvers: Resolvers = {
  Query: {
    notes: (_parent, _args, { database, user }) => listNotes(database, user.id),
    noteCount: (_parent, { userId }, { database }) => countNotes(database, userId),
  },
  Mutation: {
    createNote: (_parent, { text }, { database, user }) =>
      createNote(database, { userId: user.id, text }),
    deleteNotes: (_parent, _args, { database, user }) => deleteNotes(database, user.id),
  },
};

export const noteFeature: Feature = { schema: 'schema/note.graphql', resolvers };
