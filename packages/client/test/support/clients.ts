import { ApolloClient, gql as apolloGql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, cacheExchange, fetchExchange, gql } from '@urql/core';
import type { Session } from '../../src/index.ts';
import type { Wire } from './wire.ts';

/** One way to send an operation: fails with what its client fails with. */
export interface GraphQLClient {
  readonly name: string;
  connect(
    session: Session,
    wire: Wire,
  ): (document: string, variables?: Record<string, unknown>, init?: object) => Promise<unknown>;
}

export function connectApollo(session: Session, { url }: Wire): ApolloClient {
  const link = new HttpLink({ uri: url, fetch: session.fetch });
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

export function connectUrql(session: Session, { url }: Wire, exchanges = [cacheExchange]): Client {
  return new Client({
    url,
    fetch: session.fetch,
    exchanges: [...exchanges, fetchExchange],
  });
}

/** Each client as its documentation has it, with the session's `fetch`. */
export const clients: readonly GraphQLClient[] = [
  {
    name: 'Apollo Client',
    connect(session, wire) {
      const client = connectApollo(session, wire);
      return async (document, variables = {}, fetchOptions = {}) => {
        const [parsed, context] = [apolloGql(document), { fetchOptions }];
        const { data } = document.startsWith('mutation')
          ? await client.mutate({ mutation: parsed, variables, context })
          : await client.query({ query: parsed, variables, context, fetchPolicy: 'no-cache' });
        return data;
      };
    },
  },
  {
    name: 'urql',
    connect(session, wire) {
      const client = connectUrql(session, wire, []);
      return async (document, variables = {}, fetchOptions = {}) => {
        const parsed = gql(document);
        const { data, error } = document.startsWith('mutation')
          ? await client.mutation(parsed, variables, { fetchOptions })
          : await client.query(parsed, variables, { fetchOptions });
        if (error) throw error;
        return data;
      };
    },
  },
  {
    name: 'plain fetch',
    connect(session, { url }) {
      return async (query, variables = {}, init = {}) => {
        const response = await session.fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables }),
          ...init,
        });
        const answer = (await response.json()) as { data?: unknown; errors?: unknown[] };
        if (answer.errors) throw Object.assign(new Error('refused'), { errors: answer.errors });
        return answer.data;
      };
    },
  },
];
