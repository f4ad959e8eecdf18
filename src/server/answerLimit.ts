import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * Has every request answered within so many milliseconds of its headers: 503 when the server is late, 408 when the
 * body is. Not Fastify's `handlerTimeout`, whose time ends when a body has been read. What a handler still does
 * afterwards is of no consequence: it must not answer a reply that is sent.
 */
export function addAnswerLimit(app: FastifyInstance, milliseconds: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    const timer = setTimeout(answerLate, milliseconds, request, reply);
    // After the answer, and when the client goes before it. An injected request has no connection that is closed.
    const stop = () => clearTimeout(timer);
    reply.raw.once('finish', stop).once('close', stop);
    done();
  });
}

function answerLate({ raw }: FastifyRequest, reply: FastifyReply): void {
  if (reply.raw.headersSent) return;
  if (raw.complete === false) {
    // What is left of the body would be read as the next request.
    reply.header('connection', 'close');
    reply.send(late(408, 'The request took too long to arrive.'));
  } else {
    reply.send(late(503, 'The answer took too long.'));
  }
}

function late(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}
