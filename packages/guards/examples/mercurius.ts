import Fastify from 'fastify';
import { mercurius } from 'mercurius';
import { announce, type Context, createContext, type Refusal, refuse, schema } from './doors.ts';

declare module 'mercurius' {
  interface MercuriusContext extends Context {
    refusal?: Refusal;
  }
}

const app = Fastify();
await app.register(mercurius, {
  schema,
  context: (request) => createContext(request.raw),
  errorFormatter(result, context) {
    if (!context.refusal) return mercurius.defaultErrorFormatter(result, context);
    const { status, headers, errors } = context.refusal;
    context.reply.headers(headers);
    return { statusCode: status, response: { errors } };
  },
});

app.graphql.addHook('preExecution', async (_schema, document, context, variables) => {
  const { body, query } = context.reply.request;
  // A hook is not told which operation of the document is to run.
  const { operationName } = (body ?? query) as { operationName?: string };
  const refusal = refuse(document, { operationName, variables }, context);
  if (!refusal) return;
  context.refusal = refusal;
  throw new Error('Refused.');
});

const url = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 4000) });
announce(`${url}/graphql`);
