import { ApolloServer } from '@apollo/server';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { authGuards, authTypeDefs, callers, guardSchema } from '@sallyport/guards';
import { expect, test } from 'vitest';

const cacheControl = `
  enum CacheControlScope { PUBLIC PRIVATE }
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
    on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`;
const settings = { guards: authGuards({ freshSeconds: 300 }), others: ['cacheControl'] };
const build = (typeDefs: string, resolvers = {}) =>
  guardSchema(
    makeExecutableSchema({ typeDefs: [authTypeDefs, cacheControl, typeDefs], resolvers }),
    settings,
  );

test.each([
  ['{ open }', 'max-age=60, public'],
  ['{ closed }', 'max-age=60, private'],
  ['{ open closed }', 'max-age=60, private'],
  ['{ optional }', 'max-age=60, private'],
  ['{ hinted }', 'max-age=30, private'],
  ['{ thing { open } }', 'max-age=60, public'],
  ['{ thing { open closed } }', 'max-age=60, private'],
])('%s is answered with Cache-Control: %s', async (query, header) => {
  const hint = 'String @cacheControl(maxAge: 60)';
  const schema = build(
    `type Query {
       open: ${hint} @public
       closed: ${hint} @auth
       optional: ${hint} @optionalAuth
       hinted: String @auth
       thing: Thing @public @cacheControl(maxAge: 60)
     }
     type Thing { open: ${hint} closed: ${hint} @auth }`,
    {
      Query: {
        open: () => 'open',
        thing: () => ({ open: 'open', closed: 'closed' }),
        hinted: (
          _parent: unknown,
          _args: unknown,
          _context: unknown,
          info: { cacheControl: { setCacheHint(hint: object): void } },
        ) => {
          info.cacheControl.setCacheHint({ maxAge: 30 });
          return 'hinted';
        },
      },
    },
  );
  const server = new ApolloServer({ schema });
  const contextValue = { authentication: callers.user };
  // Twice: by the second the server has put what measures around the resolvers.
  await server.executeOperation({ query }, { contextValue });
  const { http } = await server.executeOperation({ query }, { contextValue });
  expect(http.headers.get('cache-control')).toBe(header);
});

test.each<[string, string[]]>([
  [
    'type Query { a: Int @auth @cacheControl(scope: PUBLIC) }',
    ['Query.a has @cacheControl(scope: PUBLIC), which contradicts @auth.'],
  ],
  [
    'type Query { a: Int @optionalAuth @cacheControl(maxAge: 1, scope: PUBLIC) }',
    ['Query.a has @cacheControl(scope: PUBLIC), which contradicts @optionalAuth.'],
  ],
  [
    'type Query { t: T @public } type T @admin { a: Int @cacheControl(scope: PUBLIC) }',
    ['T.a has @cacheControl(scope: PUBLIC), which contradicts @admin.'],
  ],
  [
    'type Query { t: T @public } type T @auth @cacheControl(scope: PUBLIC) { a: Int }',
    ['T has @cacheControl(scope: PUBLIC), which contradicts @auth.'],
  ],
  [
    'type Query { a: Int @auth @cacheControl(scope: PRIVATE) b: Int @auth @cacheControl(maxAge: 1) }',
    [],
  ],
  [
    'type Query { a: T @public @cacheControl(scope: PUBLIC) } type T @cacheControl(scope: PUBLIC) { a: Int }',
    [],
  ],
])(
  '%s: a schema does not start with a public cache hint on a guarded field',
  (typeDefs, problems) => {
    const attempt = () => build(typeDefs);
    if (problems.length === 0) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(new TypeError(problems.join('\n')));
  },
);
