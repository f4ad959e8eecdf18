import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessDocument } from './accessDocument.ts';

// Where `npm run build` puts it, from src/server and from dist/server alike.
const folder = fileURLToPath(new URL('../../dist/graphiql/', import.meta.url));

// The editor writes its styles into the page. All else comes from this server, and nobody may frame it.
// `upgrade-insecure-requests`, which the API's own policy has, would break the page where it is served without TLS.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(';');

/** Answers a browser that opens `/graphql`; null for a request that is for the API. */
export type AnswerBrowser = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null;

/**
 * Serves GraphiQL to browsers at `/graphiql`, with its files below `/graphql/page/`, and returns what serves it at
 * `/graphql`. The files were compressed when they were built, and have their digests in their names. With a description
 * of access, which tells as much as introspection, the page says who may reach what.
 */
export async function addPage(
  app: FastifyInstance,
  describeAccess: (() => AccessDocument) | null,
): Promise<AnswerBrowser | null> {
  if (!existsSync(`${folder}page.html`)) {
    app.log.warn('The page for browsers is not built: `npm run build` does that.');
    return null;
  }
  await app.register(fastifyStatic, {
    root: `${folder}files`,
    prefix: '/graphql/page/',
    preCompressed: true,
    index: false,
    allowedPath: (path) => path !== '/',
    maxAge: '1y',
    immutable: true,
    // A worker has the policy that its own file comes with.
    setHeaders(response) {
      addPolicy(response);
      response.setHeader('vary', 'Accept-Encoding');
    },
  });
  app.get('/graphiql', (_request, reply) => sendPage(reply));
  if (describeAccess) {
    let described: string | null = null;
    app.get('/graphql/access.json', (_request, reply) => {
      // Made when somebody looks for the first time: most servers that start are asked for other things.
      described ??= JSON.stringify(describeAccess());
      return reply.header('cache-control', 'no-cache').type('application/json').send(described);
    });
  }
  return (request, reply) => (isBrowser(request) ? sendPage(reply) : null);
}

// A browser says that it wants a page wherever it opens one; a link with an operation in it is for the API.
function isBrowser({ headers, query }: FastifyRequest): boolean {
  const wantsPage = headers.accept?.includes('text/html') ?? false;
  return wantsPage && !Object.hasOwn(query as object, 'query');
}

function sendPage(reply: FastifyReply): FastifyReply {
  addPolicy({ setHeader: (name, value) => reply.header(name, value) });
  // Its name and size stay the same over versions, so that only a new answer tells of new files.
  reply.header('cache-control', 'no-store');
  return reply.sendFile('page.html', folder, {
    cacheControl: false,
    etag: false,
    lastModified: false,
  });
}

function addPolicy(response: { setHeader(name: string, value: string): unknown }): void {
  response.setHeader('content-security-policy', contentSecurityPolicy);
}
