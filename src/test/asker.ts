import type { FastifyInstance } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the query's, and each test says what it expects of it.
  readonly data: any;
  readonly errors: readonly GraphQLFormattedError[];
}

export interface Ask {
  readonly variables?: Record<string, unknown>;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** Sends one operation over HTTP and returns what came back. */
export type AskFunction = (query: string, ask?: Ask) => Promise<Answer>;

export function asker(http: FastifyInstance): AskFunction {
  return async (query, { variables = {}, token, headers = {} } = {}) => {
    const response = await http.inject({
      method: 'POST',
      url: '/graphql',
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
      payload: { query, variables },
    });
    const { data = null, errors = [] } = response.json();
    return { status: response.statusCode, headers: response.headers, data, errors };
  };
}
