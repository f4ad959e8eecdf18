import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLError } from 'graphql';
import { assertGuarded } from '../assertGuarded.ts';
import type { Gate } from '../gate/createGate.ts';
import { refusalInHttp, varyByCaller } from '../gate/refusal.ts';
import { authorizationLines } from './authorizationLines.ts';
import { onceForEach } from './onceForEach.ts';

type Headers = Map<string, string>;

/** What a context may hold of its request, by which two `Authorization` lines can be told from one. */
interface Sent {
  readonly req?: unknown;
  readonly authentication?: unknown;
}

/**
 * The first door for Apollo Server, and `authentication` in its context. It stands before other plugins that answer
 * operations. What is run by `executeOperation` without a request has the `authentication` of the context it is given.
 *
 * @example
 * const server = new ApolloServer({ schema: gate.schema, plugins: [useGate(gate)] });
 */
export function useGate<User>(gate: Gate<User>): ApolloServerPlugin {
  const identify = onceForEach(gate);

  return {
    async serverWillStart({ schema }) {
      assertGuarded(schema);
    },
    async requestDidStart({ request: { http }, contextValue }) {
      let errors: readonly GraphQLError[] = [];
      return {
        async didResolveOperation({ schema, document, request, response }) {
          const { operationName, variables } = request;
          const admission = await gate.admit({ schema, document, operationName, variables }, () =>
            http
              ? identify(http.headers, linesOf(http.headers, contextValue))
              : given(contextValue),
          );
          errors = admission.errors;
          Object.assign(contextValue, admission.context);
          if (admission.dependsOnCaller) keepFromCaches(response.http.headers);
        },
        async responseForOperation({ response, requestIsBatched }) {
          if (errors.length === 0) return null;
          // The status and the type of a batch are those of all its answers.
          if (!requestIsBatched) {
            const accept = http?.headers.get('accept');
            const { status, headers } = refusalInHttp(errors, { accept, realm: gate.realm });
            response.http.status = status;
            for (const [name, value] of Object.entries(headers)) {
              response.http.headers.set(name.toLowerCase(), value);
            }
          }
          const singleResult = { errors: errors.map((error) => error.toJSON()) };
          return { http: response.http, body: { kind: 'single', singleResult } };
        },
      };
    },
  };

  async function given({ authentication }: Sent) {
    type Given = Awaited<ReturnType<typeof gate.authenticate>>;
    return (authentication as Given | undefined) ?? (await gate.authenticate([]));
  }
}

function keepFromCaches(headers: Headers): void {
  headers.set('cache-control', 'no-store');
  headers.set('vary', varyByCaller(headers.get('vary')));
}

// Apollo has one line of each header. Where a context has the request of Node, that has them all.
function linesOf(headers: Headers, { req }: Sent): readonly string[] {
  const all = authorizationLines(req);
  return all.length > 1 ? all : authorizationLines({ headers });
}
