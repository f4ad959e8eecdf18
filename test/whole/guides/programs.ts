/** Uses what the guides made, in the project that has it, with the tools of `sallyport/test`. */
export const tryGuides = `
import { createTestServer, proveAccess } from 'sallyport/test';
import definition from './sallyport.config.ts';

const server = await createTestServer(definition);
const nameless = await server.asUser();
const named = await server.asUser({ fullName: 'Ada Lovelace' });
const create = 'mutation { createInvoice(title: "A chair") { title } }';
const proof = await proveAccess(definition);
console.log(JSON.stringify({
  nameless: await server.ask(create, nameless),
  named: await server.ask(create, named),
  list: await server.ask('{ invoices { title } }', named),
  anonymous: await server.ask('{ invoices { title } }'),
  stale: await server.ask(create, await server.stale(named)),
  operations: proof.operations,
}));
await server.close();
process.exit(0);
`;
