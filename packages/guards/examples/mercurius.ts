import { useGate } from '@sallyport/guards/mercurius';
import Fastify from 'fastify';
import { mercurius } from 'mercurius';
import { announce, gate, port } from './shop.ts';

const app = Fastify();
await app.register(useGate(gate));
await app.register(mercurius, { schema: gate.schema, subscription: true });

const url = await app.listen({ host: '127.0.0.1', port });
announce(`${url}/graphql`);
