import { preExecRule, wrapExecuteFn } from '@graphql-authz/core';
import { execute as executeOperation } from 'graphql';
import { fieldNames, itemsSchema, rootValue, user } from '../guards/items.ts';

const IsAuthenticated = preExecRule()((context) => context.user !== null);
const access = { __authz: { rules: ['IsAuthenticated'] } };
const executeGuarded = wrapExecuteFn(executeOperation, {
  rules: { IsAuthenticated },
  authSchema: {
    Item: { ...access, ...Object.fromEntries(fieldNames.map((name) => [name, access])) },
  },
});
const schema = itemsSchema();

/** @type {import('../guards/items.ts').Execute} */
export const execute = (document, isSignedIn) =>
  executeGuarded({
    schema,
    document,
    rootValue,
    contextValue: { user: isSignedIn ? user : null },
  });
