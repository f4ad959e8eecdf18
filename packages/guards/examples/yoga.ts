import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createYoga, type Plugin } from 'graphql-yoga';
import { announce, type Context, createContext, refuse, schema } from './doors.ts';

type Hook = Plugin<Context>['onExecute'] & Plugin<Context>['onSubscribe'];

const firstDoor: Hook = ({ args, setResultAndStopExecution }) => {
  const refusal = refuse(
    args.document,
    { operationName: args.operationName, variables: args.variableValues },
    args.contextValue,
  );
  if (!refusal) return;
  const { errors, ...http } = refusal;
  // Yoga takes status and headers from there, and sends them as such only.
  setResultAndStopExecution({ errors, extensions: { http } });
};

const yoga = createYoga<{ req: IncomingMessage }, Context>({
  schema,
  context: ({ req }) => createContext(req),
  plugins: [{ onExecute: firstDoor, onSubscribe: firstDoor }],
});

const server = createServer(yoga).listen(Number(process.env['PORT'] ?? 4000), '127.0.0.1', () => {
  announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}${yoga.graphqlEndpoint}`);
});
