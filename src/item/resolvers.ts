import { type Feature, readPage } from 'sallyport';
import type { Resolvers } from '../generated/resolvers.ts';
import { createItem, deleteItem, findItem, listItems, updateItem } from './item.ts';

const resolvers: Resolvers = {
  Query: {
    item: (_parent, { name }, { database }) => findItem(database, name),
    items: (_parent, args, { database }) => listItems(database, readPage(args)),
  },

  Mutation: {
    createItem: (_parent, args, { database }) => createItem(database, args),
    updateItem: (_parent, args, { database }) => updateItem(database, args),
    deleteItem: async (_parent, { name }, { database }) => {
      await deleteItem(database, name);
      return true;
    },
  },
};

export const itemFeature: Feature = { schema: 'schema/item.graphql', resolvers };
