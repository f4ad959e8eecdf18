import { type ApolloServerPlugin, type BaseContext, HeaderMap } from '@apollo/server';
import { IssuerUnreachable } from '@sallyport/guards';
import type { GraphQLError } from 'graphql';
import { isOutage } from '../database/outage.ts';

/** How long a client should wait before it tries again: a database that is back is found again within this time. */
export const retryAfterSeconds = 5;

/**
 * Answers 503 where an operation fails whole because the database fails, or the issuer of its token cannot be asked: a
 * proxy, a monitor and a client that tries again see it without reading the body. There is no `data` then, which beside
 * a 503 would have to be null (GraphQL over HTTP, "Status Codes"). What came out in part is an answer like others.
 */
export function outageAnswer(
  onOutage: (error: GraphQLError) => void,
): ApolloServerPlugin<BaseContext> {
  return {
    async requestDidStart() {
      let isOut = false;
      return {
        async didEncounterErrors({ errors }) {
          const outage = errors.find((error) => isOutage(error) || isIssuerOutage(error));
          if (!outage) return;
          isOut = true;
          onOutage(outage);
        },
        async willSendResponse({ response: { http, body } }) {
          if (!isOut || body.kind !== 'single' || !failedWhole(body.singleResult)) return;
          delete body.singleResult.data;
          http.status = 503;
          http.headers ??= new HeaderMap();
          http.headers.set('retry-after', String(retryAfterSeconds));
        },
      };
    },
  };
}

function isIssuerOutage({ originalError }: GraphQLError): boolean {
  return originalError instanceof IssuerUnreachable;
}

// A field that is null without an error is an answer.
function failedWhole({
  data,
  errors = [],
}: {
  data?: Record<string, unknown> | null;
  errors?: readonly { path?: readonly (string | number)[] }[];
}): boolean {
  const failed = new Set(errors.map(({ path }) => path?.[0]));
  return Object.entries(data ?? {}).every(([key, value]) => value === null && failed.has(key));
}
