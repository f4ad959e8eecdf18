import type { FastifyInstance, FastifyReply, RouteHandlerMethod } from 'fastify';
import type { Config } from '../config/config.ts';
import { errorBody } from './errorAnswers.ts';
import { pageOrigin } from './pageOrigin.ts';

const url = '/graphql';

/** Serves GraphQL at `/graphql`: queries by GET and POST, mutations by POST. */
export function addEndpoint(
  app: FastifyInstance,
  { corsOrigins }: Pick<Config, 'corsOrigins'>,
  answer: RouteHandlerMethod,
): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (request.routeOptions.url !== url) return done();
    reply.header('cache-control', 'no-store').header('vary', joinVary(reply.getHeader('vary')));
    done();
  });
  app.post(url, answer);
  app.get(url, (request, reply) => {
    // A page for people, who ask with Accept: text/html, belongs before this line: links from elsewhere may lead there.
    if (pageOrigin(request, corsOrigins) === 'foreign') return refuseForeignPage(reply);
    return answer.call(app, request, reply);
  });
  app.route({
    method: ['PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url,
    handler: (_request, reply) =>
      reply
        .code(405)
        .header('allow', 'GET, HEAD, POST')
        .send(errorBody('Send GraphQL by POST, as JSON, or a query by GET.')),
  });
}

// Any page can make a browser send a GET, with an image say. Nobody may read the answer to this one, so nothing is
// run for it whose time could be measured, either.
function refuseForeignPage(reply: FastifyReply) {
  return reply.code(403).send(errorBody('Pages of this origin may not ask here.'));
}

function joinVary(vary: unknown): string {
  return vary === undefined ? 'Authorization' : [vary, 'Authorization'].flat().join(', ');
}
