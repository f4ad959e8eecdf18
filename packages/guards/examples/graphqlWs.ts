import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useGate } from '@sallyport/guards/graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { announce, gate, port } from './shop.ts';

const server = createServer();
useServer(useGate(gate), new WebSocketServer({ server, path: '/graphql' }));

server.listen(port, '127.0.0.1', () => {
  const { port: listening } = server.address() as AddressInfo;
  announce(`ws://127.0.0.1:${listening}/graphql`);
});
