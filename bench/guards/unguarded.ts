import { execute as executeOperation } from 'graphql';
import { type Execute, itemsSchema, rootValue, user } from './items.ts';

const schema = itemsSchema();

/** Nothing but graphql-js, for which the directives mean nothing. */
export const execute: Execute = (document, isSignedIn) =>
  executeOperation({
    schema,
    document,
    rootValue,
    contextValue: { user: isSignedIn ? user : null },
  });
