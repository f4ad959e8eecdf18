import type { FastifyInstance, onSendHookHandler, RouteHandlerMethod } from 'fastify';
import type { Config } from '../config/config.ts';
import { errorBody } from './errorAnswers.ts';
import type { AnswerBrowser } from './page.ts';
import { pageOrigin } from './pageOrigin.ts';
import { refreshPath, wantsCookies } from './tokenCookies.ts';

const url = '/graphql';

/**
 * Serves GraphQL at `/graphql`: queries by GET and POST, mutations by POST. Where tokens travel in cookies,
 * `/graphql/refresh` takes the same by POST: it is the one path to which browsers send the refresh cookie. A browser
 * that opens `/graphql` gets the page, where there is one.
 */
export function addEndpoint(
  app: FastifyInstance,
  { corsOrigins, jwt: { cookies } }: Pick<Config, 'corsOrigins' | 'jwt'>,
  answer: RouteHandlerMethod,
  answerBrowser: AnswerBrowser | null = null,
): void {
  const vary = cookies ? 'Authorization, Cookie' : 'Authorization';
  // Whatever is sent: the answer of Apollo, a page, or an error before either.
  const onSend: onSendHookHandler = (_request, reply, _payload, done) => {
    const before = reply.getHeader('vary');
    const all = before === undefined ? vary : [before, vary].flat().join(', ');
    reply.header('cache-control', 'no-store').header('vary', all);
    done();
  };
  // Any page can make a browser send a GET, with an image say. Nobody may read the answer to this one, so nothing is
  // run for it whose time could be measured, either. And no page of others begins a session in the cookies of ours.
  const answerOwnPages: RouteHandlerMethod = (request, reply) => {
    const isOpenToAll = request.method === 'POST' && !(cookies && wantsCookies(request));
    if (!isOpenToAll && pageOrigin(request, corsOrigins) === 'foreign') {
      return reply.code(403).send(errorBody('Pages of this origin may not ask here.'));
    }
    return answer.call(app, request, reply);
  };
  app.post(url, { onSend }, answerOwnPages);
  // The page is for whoever follows a link from elsewhere, too.
  app.get(
    url,
    { onSend },
    (request, reply) => answerBrowser?.(request, reply) ?? answerOwnPages.call(app, request, reply),
  );
  app.route({
    method: ['PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url,
    onSend,
    handler: (_request, reply) =>
      reply
        .code(405)
        .header('allow', 'GET, HEAD, POST')
        .send(errorBody('Send GraphQL by POST, as JSON, or a query by GET.')),
  });
  if (!cookies) return;
  app.post(refreshPath, { onSend }, answerOwnPages);
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: refreshPath,
    onSend,
    handler: (_request, reply) =>
      reply.code(405).header('allow', 'POST').send(errorBody('Send GraphQL by POST, as JSON.')),
  });
}
