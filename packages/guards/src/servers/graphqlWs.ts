import { type ExecutionArgs, GraphQLError, parse, validate } from 'graphql';
import type { Context, ServerOptions, SubscribePayload } from 'graphql-ws';
import type { Gate } from '../gate/createGate.ts';
import { authorizationLines, authorizationOfParameters } from './authorizationLines.ts';

type Parameters = Record<string, unknown> | undefined;

/**
 * The options of a graphql-ws server with the first door before each operation, and `authentication` in its context.
 * The token comes in `connectionParams.authorization`, or with the request that opened the connection. Your own options
 * go on as they were: what `context` gives stays in the context, and what `onSubscribe` gives is judged too.
 *
 * @example
 * useServer(useGate(gate), new WebSocketServer({ server, path: '/graphql' }));
 */
export function useGate<User, P extends Parameters = Parameters, E = unknown>(
  gate: Gate<User>,
  own: ServerOptions<P, E> = {},
): ServerOptions<P, E> {
  type Given = readonly [context: Context<P, E>, id: string, payload: SubscribePayload];

  async function firstDoor(...given: Given): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const prepared = (await own.onSubscribe?.(...given)) ?? (await prepare(given));
    if (isRefused(prepared)) return prepared;
    const { schema, document, operationName, variableValues: variables } = prepared;
    const { context, errors } = await gate.admit(
      { schema, document, operationName, variables },
      () => gate.authenticate(linesOf(given[0])),
    );
    if (errors.length > 0) return errors;
    const contextValue =
      'contextValue' in prepared ? prepared.contextValue : await makeContext(prepared, given);
    // A context can be the same for all: what is of one operation is put into a copy.
    const copy = Object.create(Object.getPrototypeOf(Object(contextValue)));
    return { ...prepared, contextValue: Object.assign(copy, contextValue, context) };
  }

  // What graphql-ws does itself where there is no `onSubscribe`.
  async function prepare(given: Given): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { query, operationName, variables } = given[2];
    try {
      const document = (own.parse ?? parse)(query);
      const args = { operationName, document, variableValues: variables };
      const schema = typeof own.schema === 'function' ? await own.schema(...given, args) : null;
      const prepared = { ...args, schema: schema ?? own.schema ?? gate.schema } as ExecutionArgs;
      const errors = (own.validate ?? validate)(prepared.schema, document);
      return errors.length > 0 ? errors : prepared;
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
  }

  async function makeContext(args: ExecutionArgs, given: Given): Promise<unknown> {
    return typeof own.context === 'function' ? await own.context(...given, args) : own.context;
  }

  return { ...own, schema: gate.schema, onSubscribe: firstDoor };
}

function isRefused(
  given: ExecutionArgs | readonly GraphQLError[],
): given is readonly GraphQLError[] {
  return Array.isArray(given);
}

function linesOf({ connectionParams, extra }: Context<Parameters, unknown>): readonly string[] {
  const { request } = Object(extra) as { request?: unknown };
  return [...authorizationOfParameters(connectionParams), ...authorizationLines(request)];
}
