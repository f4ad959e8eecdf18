import { takeTurns } from '../turns.ts';
import { type Execute, fieldNames, itemsDocument } from './items.ts';
import { findOpenFields, requireEverything } from './probe.ts';

// One round of one contestant, in a process of its own: `round.ts MODULE`, the module as seen from here. The contestant
// and graphql-js without guards take turns.

/** Milliseconds of processor time for one operation. */
export interface Round {
  readonly unguarded: number;
  readonly guarded: number;
}

const unguardedExecute = await load('./unguarded.ts');
const guardedExecute = await load(process.argv[2] ?? '');
requireFields(await findOpenFields(unguardedExecute), fieldNames);
requireFields(await findOpenFields(guardedExecute), []);
for (const execute of [unguardedExecute, guardedExecute]) await requireEverything(execute);

const document = itemsDocument(fieldNames);
const [unguarded, guarded] = await takeTurns(
  () => unguardedExecute(document, true),
  () => guardedExecute(document, true),
);
const round: Round = { unguarded, guarded };
console.log(JSON.stringify(round));

async function load(module: string): Promise<Execute> {
  return ((await import(module)) as { execute: Execute }).execute;
}

function requireFields(open: readonly string[], expected: readonly string[]): void {
  if (open.join() === expected.join()) return;
  throw new Error(`Open to anonymous callers: ${open.join()}; expected: ${expected.join()}.`);
}
