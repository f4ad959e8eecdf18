import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance } from 'fastify';
import { createKeyRing, createTokens, findLosses, printLoss, publicKeySet } from './auth/index.ts';
import type { Config } from './config.ts';
import { createContext, type RequestContext } from './context.ts';
import type { Database } from './database.ts';
import { documentLimits } from './documentLimits.ts';
import { createErrorFormatter } from './errors.ts';
import { firstDoor } from './firstDoor.ts';
import { createGuards } from './guards.ts';
import { createHttpServer } from './http.ts';
import { oneCredentialMutation } from './oneCredentialMutation.ts';
import { createSchema } from './schema.ts';
import { createThrottle } from './throttle/throttle.ts';

export interface Dependencies {
  readonly config: Config;
  /** What tokens are signed with: the configured key, or the one that was made in its place. */
  readonly secretKey: string;
  readonly database: Database;
  readonly clock?: () => Date;
  /** Where log lines go, as JSON. */
  readonly logStream?: { write(line: string): void };
}

/** Builds the whole service, ready for requests through `inject` or `listen`. It opens no port and reads no environment. */
export async function createApp({
  config,
  secretKey,
  database,
  clock = () => new Date(),
  logStream = process.stderr,
}: Dependencies): Promise<FastifyInstance> {
  const { jwt } = config;
  const keys = createKeyRing({
    secret: secretKey,
    previousSecret: jwt.previousSecretKey,
    privateKey: jwt.privateKey,
    previousPrivateKey: jwt.previousPrivateKey,
  });
  const tokens = createTokens({
    keys,
    issuer: jwt.issuer,
    audience: jwt.audience,
    lifeSeconds: {
      access: jwt.accessTokenExpires,
      refresh: Math.min(jwt.refreshTokenExpires, jwt.refreshIdleExpires),
    },
    leewaySeconds: jwt.leeway,
  });
  const guards = createGuards({ freshSeconds: jwt.freshExpires });
  const schema = createSchema(guards);
  const throttle = createThrottle(database, config.rateLimits);
  const app = await createHttpServer(config, database, logStream);
  const losses = findLosses(schema, { guards }).map(printLoss);
  if (losses.length > 0) app.log.info({ losses }, 'guarded fields that cannot be null');
  const formatError = createErrorFormatter(app.log);
  const apollo = new ApolloServer<RequestContext>({
    schema,
    introspection: config.introspection,
    hideSchemaDetailsFromClientErrors: !config.introspection,
    // A token of the language, not of ours: what a document may have, before it is even parsed.
    parseOptions: { maxTokens: config.documentLimits.tokens },
    validationRules: [documentLimits(config.documentLimits), oneCredentialMutation],
    // A hundred errors, which is GraphQL's own limit, take longer to write down than a document takes to refuse.
    validationOptions: { maxErrors: 10 },
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: app.log,
    formatError,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      firstDoor(jwt.issuer, formatError),
    ],
  });
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());
  app.post(
    '/graphql',
    fastifyApolloHandler(apollo, {
      context: async (request) =>
        createContext({ database, config, tokens, throttle, clock }, request),
    }),
  );
  const keySet = publicKeySet(keys);
  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(keySet),
  );
  return app;
}
