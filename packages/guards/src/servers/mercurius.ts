import type { FastifyInstance, FastifyReply } from 'fastify';
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { MercuriusContext } from 'mercurius';
import { assertGuarded } from '../assertGuarded.ts';
import type { Asked } from '../gate/admit.ts';
import type { Gate } from '../gate/createGate.ts';
import { type RefusalInHttp, refusalInHttp, varyByCaller } from '../gate/refusal.ts';
import { authorizationLines, authorizationOfParameters } from './authorizationLines.ts';
import { onceForEach } from './onceForEach.ts';

/** A context, with what Mercurius puts there over HTTP or over a WebSocket. */
type AnyContext = Partial<MercuriusContext> & {
  readonly request?: unknown;
  readonly _connectionInit?: unknown;
};

/** What is refused in one request: in a batch, some of its operations. */
interface Refused {
  readonly http: RefusalInHttp;
  readonly operations: Set<number>;
}

/**
 * The first door for Mercurius, and `authentication` in its context: a plugin for Fastify, to be registered before
 * Mercurius. Mercurius does not say which operation of a document it will run, so all of them are judged.
 *
 * @example
 * await app.register(useGate(gate));
 * await app.register(mercurius, { schema: gate.schema });
 */
export function useGate<User>(gate: Gate<User>): (app: FastifyInstance) => Promise<void> {
  const identify = onceForEach(gate);
  const refused = new WeakMap<FastifyReply, Refused>();

  async function identifyCaller({ reply, request, _connectionInit }: AnyContext) {
    const lines = authorizationLines(reply ? reply.request : request);
    if (reply) return await identify(reply.request.raw, lines);
    return await gate.authenticate([...authorizationOfParameters(_connectionInit), ...lines]);
  }

  async function firstDoor(asked: Asked, context: AnyContext): Promise<void> {
    const admission = await gate.admit(asked, () => identifyCaller(context));
    const { errors } = admission;
    Object.assign(context, admission.context);
    const { reply, operationId = 0 } = context;
    if (reply && admission.dependsOnCaller) keepFromCaches(reply);
    if (errors.length === 0) return;
    const accept = reply?.request.headers.accept;
    const http = refusalInHttp(errors, { accept, realm: gate.realm });
    // Another route than Mercurius's own answers as it likes.
    if (reply && '__currentQuery' in context) {
      const operations = refused.get(reply)?.operations ?? new Set();
      refused.set(reply, { http, operations: operations.add(operationId) });
    }
    throw refusalOf(errors, http.status);
  }

  function answer(reply: FastifyReply, payload: unknown): unknown {
    const { http, operations } = refused.get(reply) ?? {};
    if (!http) return payload;
    if (Array.isArray(payload)) {
      return payload.map((each, id) => (operations?.has(id) ? withoutData(each) : each));
    }
    reply.code(http.status).headers(http.headers);
    return withoutData(payload);
  }

  return inPlace(async (app) => {
    if (app.hasDecorator('graphql')) throw new TypeError('Register useGate before Mercurius.');
    app.addHook('preSerialization', async (_request, reply, payload) => answer(reply, payload));
    app.addHook('onReady', async () => {
      if (!app.hasDecorator('graphql')) {
        throw new TypeError('Register Mercurius where useGate is registered.');
      }
      assertGuarded(app.graphql.schema);
      app.graphql.addHook('preExecution', (schema, document, context, variables) =>
        firstDoor({ schema, document, variables }, context),
      );
      app.graphql.addHook(
        'preSubscriptionExecution',
        (schema: GraphQLSchema, document: DocumentNode, context) =>
          firstDoor({ schema, document, variables: 'unknown' }, context),
      );
    });
  });
}

// As `fastify-plugin` does it: what a plugin adds is for those beside it.
function inPlace(plugin: (app: FastifyInstance) => Promise<void>) {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@sallyport/guards',
  });
}

function keepFromCaches(reply: FastifyReply): void {
  reply.headers({ 'Cache-Control': 'no-store', Vary: varyByCaller(reply.getHeader('vary')) });
}

// Mercurius gives all `errors` of what is thrown, and where there is room for one, the message and the extensions.
function refusalOf(errors: readonly GraphQLError[], statusCode: number): Error {
  const [{ message, extensions } = { message: 'Refused.', extensions: {} }] = errors;
  return Object.assign(new Error(message), { errors, extensions, statusCode });
}

// An operation that did not begin has no data, not even null (GraphQL, section 7.1.1).
function withoutData(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('data' in payload)) return payload;
  const { data, ...rest } = payload;
  return data === null ? rest : payload;
}
