import {
  type Authentication,
  anonymous,
  callers,
  describeAccess,
  mapAccess,
  proveAccess,
} from '@sallyport/guards';
import { execute, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { user } from '../guards/items.ts';
import { takeTurns } from '../turns.ts';
import { guards, itemsSchemas, relaySchema, rootValue, scopesSchema } from './schemas.ts';

// One round, in a process of its own.

export interface Round {
  /** Ratios of processor time. */
  readonly objects: number;
  readonly refused: number;
  /** Seconds of processor time. */
  readonly describe: number;
  readonly map: number;
  readonly proof: number;
}

const round: Round = {
  objects: await compareObjects(),
  refused: await compareRefused(),
  describe: await measure(describeLongDocument(relaySchema(200))),
  map: await measure(mapScopes()),
  proof: await measure(proveRelay(100)),
};
console.log(JSON.stringify(round));

async function measure(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1e6;
}

// The caller's own objects, each of whose fields asks for its owner, over the same without guards.
async function compareObjects(): Promise<number> {
  const { guarded, unguarded } = itemsSchemas('@owner(field: "userId")');
  const owner = { ...callers.user, user };
  const [own, open] = await takeTurns(list(guarded, owner), list(unguarded, owner));
  return own / open;
}

// A list for who may see none of its fields, over the same for who may see all.
async function compareRefused(): Promise<number> {
  const { guarded } = itemsSchemas('@auth');
  const [refused, answered] = await takeTurns(
    list(guarded, anonymous, 5000),
    list(guarded, callers.user, 0),
  );
  return refused / answered;
}

function list(schema: GraphQLSchema, authentication: Authentication, errorCount = 0) {
  const document = parse('{ items { id name count price isNew } }');
  const ask = () => execute({ schema, document, rootValue, contextValue: { authentication } });
  const result = ask();
  const found = 'errors' in result ? (result.errors?.length ?? 0) : 0;
  if (found !== errorCount) throw new Error(`${found} errors instead of ${errorCount}.`);
  return ask;
}

// Fragments on an interface, each of which leads to the next twice: as bad as a document of that length can be. The
// schema is served already.
function describeLongDocument(schema: GraphQLSchema): () => unknown {
  const describe = (source: string) => {
    const document = parse(source);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('There is an operation.');
    return () => describeAccess(schema, document, operation);
  };
  describe('{ node(id: 1) { id } }')();
  const fragment = (number: number) =>
    ` fragment F${number} on Node { id ...F${number + 1} ... on Node { ...F${number + 1} } }`;
  let source = '{ node(id: 1) { ...F0 } }';
  let last = 0;
  while (source.length + fragment(last).length < 4_400 - 50) source += fragment(last++);
  return describe(`${source} fragment F${last} on Node { id }`);
}

function mapScopes(): () => unknown {
  const { schema, guards } = scopesSchema(20);
  return () => mapAccess(schema, { guards });
}

function proveRelay(types: number): () => Promise<unknown> {
  const schema = relaySchema(types);
  return () => proveAccess(schema, { guards });
}
