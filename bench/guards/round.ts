import { type Execute, fieldNames, itemsDocument } from './items.ts';
import { findOpenFields, requireEverything } from './probe.ts';

// One round of one contestant, in a process of its own: `round.ts MODULE`, the module as seen from here. The contestant
// and graphql-js without guards take turns in the same process, so that both have what the compiler made of `execute`
// that time, and the same memory. From one process to the next, that alone makes a difference of a tenth.
const warmUpSeconds = 1;
const turns = 40;
const secondsPerTurn = 0.05;

/** Milliseconds of processor time for one operation. */
export interface Round {
  readonly unguarded: number;
  readonly guarded: number;
}

interface Side {
  readonly execute: Execute;
  milliseconds: number;
  operations: number;
}

const unguarded = await load('./unguarded.ts');
const guarded = await load(process.argv[2] ?? '');
requireFields(await findOpenFields(unguarded.execute), fieldNames);
requireFields(await findOpenFields(guarded.execute), []);
for (const { execute } of [unguarded, guarded]) await requireEverything(execute);

const document = itemsDocument(fieldNames);
for (let half = 0; half < 2; half++) {
  for (const side of [unguarded, guarded]) await run(side, warmUpSeconds / 2);
}
for (const side of [unguarded, guarded]) Object.assign(side, { milliseconds: 0, operations: 0 });
for (let turn = 0; turn < turns; turn++) {
  const sides = [unguarded, guarded];
  for (const side of turn % 2 === 0 ? sides : sides.reverse()) await run(side, secondsPerTurn);
}
const round: Round = { unguarded: perOperation(unguarded), guarded: perOperation(guarded) };
console.log(JSON.stringify(round));

async function load(module: string): Promise<Side> {
  const { execute } = (await import(module)) as { execute: Execute };
  return { execute, milliseconds: 0, operations: 0 };
}

function requireFields(open: readonly string[], expected: readonly string[]): void {
  if (open.join() === expected.join()) return;
  throw new Error(`Open to anonymous callers: ${open.join()}; expected: ${expected.join()}.`);
}

// Processor time, not time on the clock: what else the machine does is not counted. Only what is a promise is waited
// for, as a server does.
async function run(side: Side, seconds: number): Promise<void> {
  const before = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  do {
    const result = side.execute(document, true);
    if (result instanceof Promise) await result;
    side.operations += 1;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(before);
  side.milliseconds += (user + system) / 1000;
}

function perOperation({ milliseconds, operations }: Side): number {
  return milliseconds / operations;
}
