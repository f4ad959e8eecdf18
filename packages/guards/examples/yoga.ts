import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useGate } from '@sallyport/guards/yoga';
import { createYoga } from 'graphql-yoga';
import { announce, gate, port } from './shop.ts';

const yoga = createYoga({ schema: gate.schema, plugins: [useGate(gate)] });

const server = createServer(yoga).listen(port, '127.0.0.1', () => {
  const { port: listening } = server.address() as AddressInfo;
  announce(`http://127.0.0.1:${listening}${yoga.graphqlEndpoint}`);
});
