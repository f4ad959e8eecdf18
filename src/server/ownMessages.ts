import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../context.ts';
import type { Messages } from '../defineServer.ts';
import { describeError } from '../errors.ts';

/**
 * Puts messages of one's own into the errors of an answer, and nothing else: code and reason, on which clients switch,
 * stay. Where `messages` fails or has none, the server's stays.
 */
export function ownMessages(messages: Messages): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response: { body }, contextValue: { request } }) {
          if (body.kind !== 'single' || !body.singleResult.errors) return;
          body.singleResult.errors = body.singleResult.errors.map((error) => ({
            ...error,
            message: messageOf(error, messages, request),
          }));
        },
      };
    },
  };
}

function messageOf(
  { message, extensions = {} }: GraphQLFormattedError,
  messages: Messages,
  request: FastifyRequest,
): string {
  const { code, reason = code, ...details } = extensions;
  try {
    const own: unknown = messages(String(reason), { ...details, message }, request);
    if (own === null || own === undefined) return message;
    if (typeof own === 'string') return own;
    throw new TypeError(`messages gave neither a text nor null for ${reason}.`);
  } catch (error) {
    request.log.error({ error: describeError(error) }, 'a message of its own failed');
    return message;
  }
}
