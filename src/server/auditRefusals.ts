import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server';
import { accessOf, fieldsOn } from '@sallyport/guards';
import { type FragmentDefinitionNode, Kind } from 'graphql';
import { recordBurst } from '../audit/audit.ts';
import type { RequestContext } from '../context.ts';
import { describeError } from '../errors.ts';

/** Writes to the audit log who was refused administration, and why, once for each burst. */
export function auditRefusals(): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse(request) {
          const { contextValue } = request;
          const { authentication } = contextValue;
          const reason = findRefusal(request);
          if (reason === null || authentication?.status !== 'authenticated') return;
          const { user, claims, foreign } = authentication;
          const fields = administrationOf(request);
          // The answer is a refusal anyway: a failure to write the audit log does not change it.
          await recordBurst(contextValue, subjectOf(user.id, reason, foreign?.issuer), {
            event: 'ADMIN_REFUSED',
            actorId: user.id,
            userId: user.id,
            sessionId: claims?.sid ?? null,
            reason: fields.length === 0 ? reason : `${reason}: ${fields.join(', ')}`,
          }).catch((error) =>
            contextValue.log.error(
              { error: describeError(error) },
              'a refusal was not written down',
            ),
          );
        },
      };
    },
  };
}

// One entry names one issuer, of which there are few.
function subjectOf(userId: string, reason: Refused, issuer: string | undefined): string {
  return [userId, reason, ...(issuer ? [issuer] : [])].join(' ');
}

type Request = GraphQLRequestContextWillSendResponse<RequestContext>;

type Refused = 'ADMIN_REQUIRED' | 'FRESH_TOKEN_REQUIRED' | 'SCOPE_REQUIRED';

function findRefusal(request: Request): Refused | null {
  const { body } = request.response;
  const errors = (body.kind === 'single' && body.singleResult.errors) || [];
  const reasons = new Set(errors.map(({ extensions }) => extensions?.['reason']));
  if (reasons.has('ADMIN_REQUIRED')) return 'ADMIN_REQUIRED';
  const ofToken = (['FRESH_TOKEN_REQUIRED', 'SCOPE_REQUIRED'] as const).find((reason) =>
    reasons.has(reason),
  );
  return ofToken && administrationOf(request).length > 0 ? ofToken : null;
}

/** The fields at the root of the operation that are for administrators. */
function administrationOf({ schema, document, operation }: Request): string[] {
  const type = operation && schema.getRootType(operation.operation);
  if (!type) return [];
  const fragments = (document?.definitions ?? []).filter(
    (each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION,
  );
  const nodes = fieldsOn(schema, type, operation.selectionSet, (name) =>
    fragments.find((fragment) => fragment.name.value === name),
  );
  const names = nodes.map(({ name }) => name.value);
  return [...new Set(names)].filter((name) =>
    accessOf(type, name)?.requirements.some(({ directive }) => directive === 'admin'),
  );
}
