import { execute as executeOperation } from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import { rule, shield } from 'graphql-shield';
import { itemsSchema, rootValue, user } from '../guards/items.ts';

const isAuthenticated = rule({ cache: 'contextual' })(
  async (_parent, _args, context) => context.user !== null,
);
const schema = applyMiddleware(itemsSchema(), shield({ Item: isAuthenticated }));

/** @type {import('../guards/items.ts').Execute} */
export const execute = (document, isSignedIn) =>
  executeOperation({
    schema,
    document,
    rootValue,
    contextValue: { user: isSignedIn ? user : null },
  });
