import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Warns once, at the first request that a proxy passed on which TRUST_PROXY does not name: everybody behind it then
 * counts as one client, and one of them can use up the sign-ins of all.
 */
export function addProxyWarning(app: FastifyInstance): void {
  let isWarned = false;
  app.addHook('onRequest', (request, _reply, done) => {
    if (isWarned || !isPassedOnUnread(request)) return done();
    isWarned = true;
    const peer = request.socket.remoteAddress;
    request.log.warn(
      { peer },
      `A request says for whom it was passed on, and is not believed. If ${peer} is your proxy, everybody behind it ` +
        'counts as one address, and one client can stop the sign-ins of all: name it in TRUST_PROXY, and have it send ' +
        'X-Forwarded-For.',
    );
    done();
  });
}

// `ips` begins with the peer, and goes on only where the peer is trusted. `Forwarded` (RFC 7239) is never read.
function isPassedOnUnread(request: FastifyRequest): boolean {
  const { headers } = request;
  if (headers['x-forwarded-for'] !== undefined) return (request.ips?.length ?? 1) === 1;
  return headers['forwarded'] !== undefined;
}
