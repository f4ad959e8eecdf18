import type { ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { assertGuarded } from '../assertGuarded.ts';
import type { GateContext } from '../gate/admit.ts';
import type { Gate } from '../gate/createGate.ts';
import { refusalInHttp, varyByCaller } from '../gate/refusal.ts';
import { authorizationLines, authorizationOfParameters } from './authorizationLines.ts';
import { onceForEach } from './onceForEach.ts';

/** Where Yoga, or what serves its connections, keeps what came from the client. */
interface Sent {
  /** Absent in operations that come over a WebSocket. */
  readonly request?: Request;
  readonly req?: unknown;
  readonly extra?: { readonly request?: unknown };
  readonly connectionParams?: unknown;
}

interface AtDoor {
  readonly args: ExecutionArgs;
  readonly extendContext: (more: GateContext) => void;
  readonly setResultAndStopExecution: (result: never) => void;
}

/**
 * The first door for GraphQL Yoga, and `authentication` in its context. It stands before other plugins that answer
 * operations.
 *
 * @example
 * const yoga = createYoga({ schema: gate.schema, plugins: [useGate(gate)] });
 */
export function useGate<User>(gate: Gate<User>): Plugin<GateContext<User>> {
  const identify = onceForEach(gate);
  const notForCaches = new WeakSet<Request>();

  async function firstDoor({ args, extendContext, setResultAndStopExecution }: AtDoor) {
    const { schema, document, operationName, variableValues: variables } = args;
    const sent = (args.contextValue ?? {}) as Sent;
    const { request } = sent;
    const { context, dependsOnCaller, errors } = await gate.admit(
      { schema, document, operationName, variables },
      () => (request ? identify(request, linesOf(sent)) : gate.authenticate(linesOf(sent))),
    );
    extendContext(context);
    if (request && dependsOnCaller) notForCaches.add(request);
    if (errors.length === 0) return;
    const accept = request?.headers.get('accept');
    // Yoga takes status and headers from there, and sends them as such only.
    const extensions = request && { http: refusalInHttp(errors, { accept, realm: gate.realm }) };
    setResultAndStopExecution({ errors, ...(extensions && { extensions }) } as never);
  }

  return {
    onSchemaChange: ({ schema }) => assertGuarded(schema),
    onExecute: firstDoor as never,
    onSubscribe: firstDoor as never,
    onResponse({ request, response }) {
      if (!notForCaches.has(request)) return;
      response.headers.set('Cache-Control', 'no-store');
      response.headers.set('Vary', varyByCaller(response.headers.get('Vary')));
    },
  };
}

// The Fetch API joins lines to one; Node keeps them apart, and below `headers` only the first.
function linesOf({ request, req, extra, connectionParams }: Sent): readonly string[] {
  const apart = authorizationLines(req ?? extra?.request);
  const joined = authorizationLines(request);
  const ofRequest = apart.length > 1 || !request ? apart : joined;
  return [...authorizationOfParameters(connectionParams), ...ofRequest];
}
