import { makeExecutableSchema } from '@graphql-tools/schema';
import { authGuards, authTypeDefs, callers, guardSchema } from '@sallyport/guards';
import { graphql } from 'graphql';
import { describe, expect, test } from 'vitest';
import { publicWithoutCaller } from '../../src/server/publicWithoutCaller.ts';

const who = (_parent: unknown, _args: unknown, context: Record<string, unknown>) =>
  `${context['user'] ? 'somebody' : 'nobody'}, ${context['authentication'] ? 'known' : 'unknown'}, ${context['other']}`;

describe('a public field', () => {
  const typeDefs = `
    type Query { open: String @public maybe: String @optionalAuth closed: String @auth }
    type Mutation { open: String @public closed: String @auth }
  `;
  const resolvers = {
    Query: { open: who, maybe: who, closed: who },
    Mutation: { open: who, closed: who },
  };
  const schema = guardSchema(
    publicWithoutCaller(makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers })),
    { guards: authGuards({ freshSeconds: 300 }) },
  );
  const nobody = 'nobody, unknown, kept';
  const somebody = 'somebody, known, kept';

  test.each([
    ['{ open }', { open: nobody }],
    ['{ open closed }', { open: nobody, closed: somebody }],
    ['{ closed maybe open }', { closed: somebody, maybe: somebody, open: nobody }],
    ['mutation { closed open }', { closed: somebody, open: nobody }],
  ])('%s: has no caller, whatever other fields are selected', async (source, data) => {
    const contextValue = { authentication: callers.user, user: {}, other: 'kept' };
    expect(await graphql({ schema, source, contextValue })).toEqual({ data });
  });
});
