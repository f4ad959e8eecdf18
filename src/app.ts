import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import {
  assertGuarded,
  createTokens,
  findLosses,
  findUnforeseen,
  type Guards,
  type KeyRing,
  printLoss,
  printUnforeseen,
  publicKeySet,
} from '@sallyport/guards';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { startClockWatch } from './clockWatch.ts';
import type { Config } from './config/config.ts';
import { createContext, type RequestContext } from './context.ts';
import type { Database } from './database/database.ts';
import { defineServer, type PluginOptions, type ServerDefinition } from './defineServer.ts';
import { documentLimits } from './documents/documentLimits.ts';
import { oneCredentialMutation } from './documents/oneCredentialMutation.ts';
import { createErrorFormatter } from './errors.ts';
import { createGuards } from './guards.ts';
import { createSchema } from './schema.ts';
import { apolloHandler } from './server/apolloHandler.ts';
import { auditRefusals } from './server/auditRefusals.ts';
import { addEndpoint } from './server/endpoint.ts';
import { firstDoor } from './server/firstDoor.ts';
import { createHttpServer } from './server/httpServer.ts';
import { outageAnswer } from './server/outageAnswer.ts';
import { ownMessages } from './server/ownMessages.ts';
import { createOperationLog } from './server/requestLog.ts';
import { tellRefusals } from './server/tellRefusals.ts';
import { defaultTimeLimits, type TimeLimits } from './server/timeLimits.ts';
import { createTokenMemory } from './session/tokenMemory.ts';
import { createThrottle } from './throttle/throttle.ts';
import { loadKeysAhead, openIssuers } from './trustedIssuers.ts';
import { createAccountTurns } from './user/accountTurns.ts';

export interface Dependencies {
  readonly config: Config;
  /** The keys of the moment, with which tokens are signed and verified. */
  readonly keys: () => KeyRing;
  readonly database: Database;
  readonly clock?: () => Date;
  /** By how much the clock is ahead of the one that all nodes share. Where it is given, it is watched. */
  readonly clockDifferenceSeconds?: () => Promise<number>;
  /** Where log lines go, as JSON. */
  readonly logStream?: { write(line: string): void };
  readonly timeLimits?: TimeLimits;
  /** What the server has of its own: nothing, unless it is given. */
  readonly definition?: ServerDefinition;
}

/**
 * Builds the whole service, ready for requests through `inject` or `listen`. It opens no port and reads no environment.
 */
export async function createApp({
  config,
  keys,
  database,
  clock = () => new Date(),
  clockDifferenceSeconds,
  logStream = process.stderr,
  timeLimits = defaultTimeLimits,
  definition = defineServer(),
}: Dependencies): Promise<FastifyInstance> {
  const { jwt } = config;
  const tokens = createTokens({
    keys,
    issuer: jwt.issuer,
    audience: jwt.audience,
    lifeSeconds: {
      access: jwt.accessTokenExpiresInSeconds,
      refresh: Math.min(jwt.refreshTokenExpiresInSeconds, jwt.refreshIdleExpiresInSeconds),
    },
    leewaySeconds: jwt.leewaySeconds,
    memory: createTokenMemory(),
  });
  const issuers = await openIssuers(config, definition);
  const guards = createGuards({ freshSeconds: jwt.freshExpiresInSeconds }, definition.guards);
  const schema = createSchema(guards, definition.features, tellRefusals(definition.onRefusal));
  assertGuarded(schema);
  const throttle = createThrottle(database, config.rateLimits);
  const accountTurns = createAccountTurns();
  const { app, health } = await createHttpServer(config, database, { logStream, timeLimits });
  const stopClockWatch =
    clockDifferenceSeconds &&
    (await startClockWatch(clockDifferenceSeconds, {
      log: app.log,
      onMeasured: health.noteClockDifference,
    }));
  app.addHook('onClose', () => stopClockWatch?.());
  if (issuers) void loadKeysAhead(issuers, app.log);
  const losses = findLosses(schema, { guards }).map(printLoss);
  if (losses.length > 0) app.log.info({ losses }, 'guarded fields that cannot be null');
  const unforeseen = findUnforeseen(schema, { guards }).map(printUnforeseen);
  if (unforeseen.length > 0) app.log.info({ unforeseen }, 'decided after a mutation has happened');
  const operationLog = createOperationLog();
  const formatError = createErrorFormatter((error) => operationLog.logOf(error) ?? app.log);
  const apollo = new ApolloServer<RequestContext>({
    schema,
    introspection: config.introspection,
    hideSchemaDetailsFromClientErrors: !config.introspection,
    // A token of the GraphQL language, such as a name or a brace. The parser stops at this many.
    parseOptions: { maxTokens: config.documentLimits.tokens },
    validationRules: [documentLimits(config.documentLimits), oneCredentialMutation],
    // graphql-js reports up to 100 errors; here the fifth says that there are more.
    validationOptions: { maxErrors: 4 },
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: app.log,
    formatError,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      firstDoor(jwt.issuer, formatError),
      auditRefusals(),
      outageAnswer(health.noteOutage),
      operationLog.plugin,
      ...(definition.messages ? [ownMessages(definition.messages)] : []),
      // Behind ours, so that what a door refuses stays refused.
      ...definition.plugins.filter((plugin) => typeof plugin !== 'function'),
    ],
  });
  for (const plugin of definition.plugins) {
    if (typeof plugin !== 'function') continue;
    await app.register(plugin as FastifyPluginAsync<PluginOptions>, { database });
  }
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());
  const services = {
    database,
    config,
    tokens,
    issuers,
    throttle,
    accountTurns,
    clock,
    claimsOf: definition.claims,
    userOfIssuer: definition.userOfIssuer,
  };
  const answerBrowser = config.graphiql
    ? await openPage(app, config, { schema, guards, freshSeconds: jwt.freshExpiresInSeconds })
    : null;
  addEndpoint(
    app,
    config,
    apolloHandler(apollo, (request, reply) => createContext(services, request, reply)),
    answerBrowser,
  );
  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(publicKeySet(keys())),
  );
  return app;
}

// A server without the page loads none of it.
async function openPage(
  app: FastifyInstance,
  { introspection }: Config,
  { schema, ...sees }: { schema: GraphQLSchema; guards: Guards; freshSeconds: number },
) {
  const { addPage } = await import('./server/page.ts');
  const { accessDocument } = await import('./server/accessDocument.ts');
  return await addPage(app, introspection ? () => accessDocument(schema, sees) : null);
}
