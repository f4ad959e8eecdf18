import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  describeAccess,
  judgeOperation,
  type OperationAccess,
  toChallenge,
} from '@sallyport/guards';
import type { GraphQLFormattedError } from 'graphql';
import { keepCaller, type RequestContext } from '../context.ts';

/**
 * Stands between knowing an operation and running it: finds out who the caller is, if that matters, and refuses what
 * may not begin. An operation of public fields alone costs neither signature nor query. Parsed documents are kept by
 * Apollo, and what they ask of their caller is kept with them.
 */
export function firstDoor(
  realm: string,
  formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError,
): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      let access: OperationAccess | null = null;
      return {
        async didResolveOperation({ schema, document, operation, contextValue }) {
          // Without an operation nothing runs.
          if (!operation) return;
          access = describeAccess(schema, document, operation);
          if (access.guarded.length > 0 || access.isTried) {
            await keepCaller(contextValue, operation.operation);
          }
        },
        async responseForOperation({ contextValue: { authentication }, request: { variables } }) {
          const refusals =
            authentication && access ? judgeOperation(access, authentication, variables) : [];
          if (refusals.length === 0) return null;
          // Apollo does not format what a plugin answers.
          const errors = refusals.map((refusal) => formatError(refusal.toJSON(), refusal));
          const { status, authenticate } = toChallenge(errors, realm);
          return {
            http: { status, headers: new HeaderMap([['www-authenticate', authenticate]]) },
            body: {
              kind: 'single',
              singleResult: { errors },
            },
          };
        },
      };
    },
  };
}
