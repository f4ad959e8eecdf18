import { type Authentication, anonymous, authGuards, guardSchema } from '@sallyport/guards';
import { execute as executeOperation } from 'graphql';
import { type Execute, itemsSchema, rootValue, user } from './items.ts';

const schema = guardSchema(itemsSchema(), { guards: authGuards({ freshSeconds: 300 }) });

export const execute: Execute = (document, isSignedIn) =>
  executeOperation({
    schema,
    document,
    rootValue,
    contextValue: { authentication: isSignedIn ? authenticated() : anonymous },
  });

function authenticated(): Authentication {
  return {
    status: 'authenticated',
    user,
    isAdmin: false,
    passwordAgeSeconds: null,
    claims: null,
  };
}
