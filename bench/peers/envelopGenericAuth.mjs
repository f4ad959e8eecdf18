import { envelop, useEngine, useSchema } from '@envelop/core';
import { useGenericAuth } from '@envelop/generic-auth';
import * as engine from 'graphql';
import { itemsSchema, rootValue, user } from '../guards/items.ts';

const getEnveloped = envelop({
  plugins: [
    useEngine(engine),
    useSchema(itemsSchema()),
    useGenericAuth({
      mode: 'protect-granular',
      authDirectiveName: 'auth',
      resolveUserFn: ({ isSignedIn }) => (isSignedIn ? user : null),
    }),
  ],
});

/** @type {import('../guards/items.ts').Execute} */
export const execute = async (document, isSignedIn) => {
  const { schema, contextFactory, execute } = getEnveloped({ isSignedIn });
  const contextValue = await contextFactory();
  return await execute({ schema, document, rootValue, contextValue });
};
